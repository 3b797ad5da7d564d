# A network of its own for programs that speak mDNS. Called in namespaces of its own
# (unshare --user --map-root-user --net --mount --pid), with the command to run there. Nothing leaves it.
#
#   lan0 10.77.0.1/24 ── lan1     a wire whose other end nobody uses
#
# js sends by the routing table, which has to lead multicast to the wire.
set -e
ip link set lo up
ip link add lan0 type veth peer name lan1
ip link set lan0 up multicast on
ip link set lan1 up
ip addr add 10.77.0.1/24 dev lan0
ip route add default dev lan0
exec "$@"
