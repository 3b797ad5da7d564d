# A stock WireGuard client in a namespace of its own, and the node that it speaks to in another.
# Called in namespaces of its own (unshare --user --map-root-user --net --mount --pid), with a
# folder and the command that starts the node. All of it ends with the namespaces.
#
#   node   192.0.2.1  ── veth ──  192.0.2.2  phone
#                                 wg0: as phone.conf says
set -e
umask 077
folder=$1
shift
mount -t tmpfs none /run
mkdir -p /run/netns /run/wireguard
for name in node phone; do
  ip netns add $name
  ip -n $name link set lo up
done
ip -n node link add eth type veth peer name eth netns phone
ip -n node addr add 192.0.2.1/24 dev eth
ip -n phone addr add 192.0.2.2/24 dev eth
ip -n node link set eth up
ip -n phone link set eth up

# What wg-quick does, but for the name server: that would be the machine's.
cat > "$folder/up" << 'END'
set -e
conf=$1
wireguard-go -f wg0 > "$(dirname "$conf")/wireguard-go" 2>&1 &
for try in $(seq 100); do
  [ -S /run/wireguard/wg0.sock ] && break
  sleep 0.1
done
wg-quick strip "$conf" > "$conf.wg"
wg setconf wg0 "$conf.wg"
said() { sed -n "s/^$1 = //p" "$conf" | tr ',' '\n' | tr -d ' '; }
for address in $(said Address); do ip addr add "$address" dev wg0; done
ip link set wg0 mtu "$(said MTU)" up
for block in $(said AllowedIPs); do ip route add "$block" dev wg0; done
END

cat > "$folder/ask.py" << 'END'
import socket, struct, sys
at = sys.argv[1]
s = socket.socket(socket.AF_INET6 if ":" in at else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(8)
name = b"".join(bytes([len(l)]) + l.encode() for l in "web.mynet.internal".split("."))
s.sendto(struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + name + b"\0\0\1\0\1", (at, 53))
print(".".join(str(b) for b in s.recv(512)[-4:]))
END

cat > "$folder/echo.py" << 'END'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 7777))
while True:
    data, who = s.recvfrom(2000)
    s.sendto(data, who)
END
ip netns exec node "$@" "$folder"
