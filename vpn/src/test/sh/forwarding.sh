# Starts a command in a network namespace of its own that forwards packets. Called in namespaces of
# its own (unshare --user --map-root-user --net --mount --pid). All of it ends with the namespaces.
set -e
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
exec "$@"
