# Stock wireguard-go in a namespace of its own, and the peer of this test in another. Called in
# namespaces of its own (unshare --user --map-root-user --net --mount --pid), with a folder and the
# command that starts the peer. All of it ends with the namespaces.
#
#   here   192.0.2.1, fd99::1  ── veth ──  192.0.2.2, fd99::2   stock
#   inside 10.7.0.1, fd00:7::1             10.7.0.2, fd00:7::2  wg0
set -e
umask 077
folder=$1
shift
mount -t tmpfs none /run
mkdir -p /run/netns /run/wireguard
for name in here stock; do
  ip netns add $name
  ip -n $name link set lo up
done
ip -n here link add eth type veth peer name eth netns stock
number=1
for name in here stock; do
  ip -n $name addr add 192.0.2.$number/24 dev eth
  ip -n $name addr add fd99::$number/64 dev eth nodad
  ip -n $name link set eth up
  number=$((number + 1))
done
ip netns exec stock wireguard-go -f wg0 > "$folder/wireguard-go" 2>&1 &
for try in $(seq 100); do
  [ -S /run/wireguard/wg0.sock ] && break
  sleep 0.1
done
wg genkey > "$folder/stock.key"
ip netns exec stock wg set wg0 private-key "$folder/stock.key" listen-port 51820
ip -n stock addr add 10.7.0.2/24 dev wg0
ip -n stock addr add fd00:7::2/64 dev wg0 nodad
ip -n stock link set wg0 mtu 1420 up
ip netns exec here "$@" "$folder" "$(wg pubkey < "$folder/stock.key")"
