# A telephone with stock WireGuard, in a network namespace of its own with nothing else in it. Called in
# namespaces of its own (unshare --user --map-root-user --net --mount --pid), with a folder that has
# phone.conf as it was given, and a task's name and addresses.
#
#   wg0 ── wireguard-go ── Endpoint on lo ── wire.py ═══ the machine's wire.py ── Endpoint, the door
#
# Says what went well; then waits for the file "removed", and until nothing comes through any more.
set -e
umask 077
folder=$1 name=$2 web=$3 web6=$4
conf=$folder/phone.conf
mount -t tmpfs none /run
mkdir -p /run/wireguard
said() { sed -n "s/^$1 = //p" "$conf" | tr ',' '\n' | tr -d ' '; }
endpoint=$(said Endpoint)
ip link set lo up
ip addr replace "${endpoint%:*}/32" dev lo
python3 "$(dirname "$0")/wire.py" phone "$folder" "${endpoint%:*}" "${endpoint##*:}" &

# What wg-quick does.
wireguard-go -f wg0 > "$folder/wireguard-go" 2>&1 &
for try in $(seq 100); do
  [ -S /run/wireguard/wg0.sock ] && break
  sleep 0.1
done
wg-quick strip "$conf" > "$conf.wg"
wg setconf wg0 "$conf.wg"
sed -n '/^\[Peer\]/,$p' "$conf.wg" > "$conf.peer"
for address in $(said Address); do ip addr add "$address" dev wg0; done
ip link set wg0 mtu "$(said MTU)" up
for block in $(said AllowedIPs); do ip route add "$block" dev wg0; done
for server in $(said DNS | grep -v '[g-z]'); do echo "nameserver $server"; done > "$folder/resolv.conf"
mount --bind "$folder/resolv.conf" /etc/resolv.conf

fetches() { curl -sfm3 "http://$1:8080/" | grep -q "hello from web"; }
# Again until it goes well, for a while.
check() {
  what=$1
  shift
  for try in $(seq 30); do
    if "$@" > "$folder/tried" 2>&1; then
      echo "good: $what"
      return
    fi
    sleep 1
  done
  echo "BAD: $what"
  cat "$folder/tried" "$folder/wireguard-go"
  wg show
  exit 1
}
check "ping, IPv4" ping -c1 -W3 "$web"
check "ping, the gateway" ping -c1 -W3 "$(said DNS | grep -v '[g-z:]' | head -n1)"
check "ping, IPv6" ping -c1 -W3 "$web6"
check "fetch by address" fetches "$web"
check "fetch by name" fetches "$name"
for try in $(seq 600); do
  [ -e "$folder/removed" ] && break
  sleep 0.1
done
gateway=$(said DNS | grep -v '[g-z:]' | head -n1)
silent() { for try in 1 2 3; do ! ping -c1 -W1 "$gateway" || return 1; done; }
check "cut off" silent
# Whoever begins anew is no better off.
peer=$(wg show wg0 peers)
wg set wg0 peer "$peer" remove
wg addconf wg0 "$conf.peer"
! ping -c4 -W1 "$gateway" > "$folder/tried" 2>&1 || { echo "BAD: let in again"; exit 1; }
[ "$(wg show wg0 latest-handshakes | cut -f2)" = 0 ] && echo "good: no handshake"
echo done
