# A node behind a gateway that maps ports (miniupnpd: UPnP, NAT-PMP and PCP), and somebody outside.
# Called in namespaces of its own (unshare --user --map-root-user --net --mount --pid), with a folder
# for the gateway's words and the command that runs at the node. All of it ends with the namespaces.
#
#   a 10.1.0.2 ── 10.1.0.1 gw 5.5.5.1 ── 5.5.5.2 out
#
# The address outside is a public one: the gateway refuses to map ports of others. Nobody real sees it.
set -e
folder=$1
shift
mount -t tmpfs none /run
mkdir -p /run/netns
for name in gw a out; do
  ip netns add $name
  ip -n $name link set lo up
done
ip -n gw link add wan type veth peer name eth netns out
ip -n gw link add lan type veth peer name eth netns a
ip -n gw addr add 5.5.5.1/24 dev wan
ip -n gw addr add 10.1.0.1/24 dev lan
ip -n out addr add 5.5.5.2/24 dev eth
ip -n a addr add 10.1.0.2/24 dev eth
ip -n gw link set wan up
ip -n gw link set lan up
ip -n out link set eth up
ip -n a link set eth up
ip -n a route add default via 10.1.0.1
ip netns exec gw sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
# What Debian's nft_init.sh makes: miniupnpd adds to the three chains with its name.
ip netns exec gw nft -f - <<'RULES'
table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" accept
    jump miniupnpd
  }
  chain miniupnpd {
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    jump prerouting_miniupnpd
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    jump postrouting_miniupnpd
  }
  chain prerouting_miniupnpd {
  }
  chain postrouting_miniupnpd {
  }
}
RULES
cat > "$folder/miniupnpd.conf" <<'CONF'
ext_ifname=wan
listening_ip=lan
enable_natpmp=yes
enable_upnp=yes
secure_mode=yes
system_uptime=yes
min_lifetime=10
max_lifetime=86400
lease_file=/run/leases
uuid=6f1a2c3e-0000-4000-8000-00000000a701
allow 1024-65535 10.1.0.0/24 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
CONF
ip netns exec gw miniupnpd -d -f "$folder/miniupnpd.conf" -P /run/miniupnpd.pid > "$folder/gateway" 2>&1 &
for try in $(seq 50); do
  grep -q 'istening' "$folder/gateway" && break
  sleep 0.1
done
ip netns exec a "$@"
