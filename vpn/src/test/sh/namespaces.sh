# Makes network namespaces with the names in the first word, and starts a command beside them. Called
# in namespaces of its own (unshare --user --map-root-user --net --mount --pid). All of it ends with
# the namespaces.
set -e
# A JVM looks here whether there is IPv6 at all.
ip link set lo up
names=$1
shift
mount -t tmpfs none /run
mkdir -p /run/netns
for name in $names; do
  ip netns add "$name"
  ip -n "$name" link set lo up
done
exec "$@"
