# Two nodes of a network, each behind a NAT of its own, and a relay that both can reach. Called in
# namespaces of its own (unshare --user --map-root-user --net --mount --pid), with a folder for what
# the nodes say, the kind of NAT (usual or hard) and the command that starts one. All of it ends with
# the namespaces.
#
#   a 10.1.0.2 ── 10.1.0.1 na 203.0.113.2 ──┐
#                                           ├── br0 203.0.113.1 r
#   b 10.2.0.2 ── 10.2.0.1 nb 203.0.113.3 ──┘
#
# A NAT lets in what belongs to something that went out, and drops the rest without a word. A hard
# one gives each flow another port, whatever its source.
set -e
folder=$1
kind=$2
shift 2
mount -t tmpfs none /run
mkdir -p /run/netns
[ "$kind" = hard ] && ports="random,fully-random" || ports=
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
  ip netns exec n$x nft -f - <<RULES
table ip translate {
  chain leaving {
    type nat hook postrouting priority 100;
    oifname "wan" masquerade $ports;
  }
}
table ip wall {
  chain cut {
  }
  chain through {
    type filter hook forward priority 0; policy drop;
    jump cut
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

wait_for() { # wait_for FILE PATTERN SECONDS SINCE: until a line after that many has it
  for try in $(seq $(($3 * 10))); do
    if tail -n +$(($4 + 1)) "$folder/$1" | grep -q "$2"; then
      return 0
    fi
    sleep 0.1
  done
  return 1
}

good() { # good WHAT FILE PATTERN SECONDS SINCE
  if wait_for "$2" "$3" "$4" "$5"; then
    echo "good: $1"
  else
    echo "BAD: $1"
    cat "$folder/relay" "$folder/b" "$folder/a"
    exit 1
  fi
}

lines() { wc -l < "$folder/a"; }

mkfifo "$folder/life" "$folder/orders"
sleep 230 > "$folder/life" &
ip netns exec r "$@" relay < "$folder/life" > "$folder/relay" 2>&1 &
wait_for relay '^/ip4' 40 0
relay=$(grep '^/ip4' "$folder/relay")
ip netns exec b "$@" answer "$relay" < "$folder/life" > "$folder/b" 2>&1 &
wait_for b '^/ready' 40 0
ip netns exec a "$@" talk "$relay" < "$folder/orders" > "$folder/a" 2>&1 &
talker=$!
exec 3> "$folder/orders"

if [ "$kind" = usual ]; then
  good "a hole leads through both NATs" a "way direct 203.0.113.3" 60 0
  sleep 3
  echo "the hole" >&3
  since=$(lines)
  ip netns exec na nft "add rule ip wall cut ip daddr 203.0.113.3 meta l4proto udp drop"
  ip netns exec nb nft "add rule ip wall cut ip daddr 203.0.113.2 meta l4proto udp drop"
  good "the direct way is cut, and the relay carries" a "way relayed" 20 $since
  sleep 2
  echo "over the relay" >&3
  since=$(lines)
  ip netns exec na nft flush chain ip wall cut
  ip netns exec nb nft flush chain ip wall cut
  good "it is open again, and carries" a "way direct 203.0.113.3" 60 $since
  sleep 3
  echo "back" >&3
  since=$(lines)
  ip -n nb addr add 203.0.113.30/24 dev wan
  ip -n nb addr del 203.0.113.3/24 dev wan
  ip -n nb addr show dev wan | grep -q 203.0.113.30 || ip -n nb addr add 203.0.113.30/24 dev wan
  good "the other's address is another, and packets arrive" a "way \(relayed\|direct 203.0.113.30\)" 60 $since
  sleep 2
  echo "moved" >&3
  good "the way to the new address is found" a "way direct 203.0.113.30" 120 $since
  sleep 2
else
  good "no hole, so the relay carries" a "way relayed" 60 0
  sleep 5
  echo "over the relay" >&3
  since=$(lines)
  ip netns exec nb nft "add rule ip wall cut meta l4proto udp drop"
  sleep 8
  echo "without UDP" >&3
  wait_for a "without UDP" 60 $since
  before=$(grep "without UDP" "$folder/a" | sed 's/.*: \([0-9]*\) bytes.*/\1/')
  sleep 3
  echo "and on" >&3
  wait_for a "and on" 60 $since
  after=$(grep "and on" "$folder/a" | sed 's/.*: \([0-9]*\) bytes.*/\1/')
  if [ "$after" -gt "$before" ]; then
    echo "good: without UDP the relay is reached over its connection"
  else
    echo "BAD: without UDP the relay is reached over its connection"
    cat "$folder/relay" "$folder/b" "$folder/a"
    exit 1
  fi
fi
echo "end" >&3
wait $talker || true
cat "$folder/a"
