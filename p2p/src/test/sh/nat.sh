# Two peers, each behind a NAT of its own, and a relay that both can reach. Called in namespaces of
# its own (unshare --user --map-root-user --net --mount --pid), with a folder for what the peers say
# and the command that starts one. All of it ends with the namespaces.
#
#   a 10.1.0.2 ── 10.1.0.1 na 203.0.113.2 ──┐
#                                           ├── br0 203.0.113.1 r
#   b 10.2.0.2 ── 10.2.0.1 nb 203.0.113.3 ──┘
#
# A NAT lets in what belongs to something that went out, and drops the rest without a word.
set -e
folder=$1
shift
mount -t tmpfs none /run
mkdir -p /run/netns
for name in r na nb a b; do
  ip netns add $name
  ip -n $name link set lo up
done
ip -n r link add br0 type bridge
ip -n r link set br0 up
ip -n r addr add 203.0.113.1/24 dev br0
number=1
for x in a b; do
  ip -n r link add pub$x type veth peer name wan netns n$x
  ip -n r link set pub$x master br0 up
  ip -n n$x link add lan type veth peer name eth netns $x
  ip -n n$x link set wan up
  ip -n n$x link set lan up
  ip -n $x link set eth up
  ip -n n$x addr add 203.0.113.$((number + 1))/24 dev wan
  ip -n n$x addr add 10.$number.0.1/24 dev lan
  ip -n $x addr add 10.$number.0.2/24 dev eth
  ip -n $x route add default via 10.$number.0.1
  number=$((number + 1))
  ip netns exec n$x sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
  ip netns exec n$x nft -f - <<'RULES'
table ip translate {
  chain leaving {
    type nat hook postrouting priority 100;
    oifname "wan" masquerade;
  }
}
table ip wall {
  chain through {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" accept
  }
  chain inside {
    type filter hook input priority 0; policy accept;
    iifname "wan" ct state new drop
  }
}
RULES
done

said() { # said FILE: the address that a peer prints when it is ready
  for try in $(seq 150); do
    if grep -q '^/ip4' "$folder/$1"; then
      grep '^/ip4' "$folder/$1"
      return
    fi
    sleep 0.2
  done
  cat "$folder/$1" >&2
  exit 1
}

mkfifo "$folder/life"
sleep 100 > "$folder/life" &
ip netns exec r "$@" relay /ip4/203.0.113.1/tcp/7464 < "$folder/life" > "$folder/relay" 2>&1 &
relay=$(said relay)
ip netns exec b "$@" listen /ip4/0.0.0.0/tcp/7464 "$relay" < "$folder/life" > "$folder/b" 2>&1 &
b=$(said b)
ip netns exec a "$@" dial /ip4/0.0.0.0/tcp/7464 "$relay" "$b" < /dev/null
