#!/bin/sh
# Builds the checkout into .build/app/<id> and points .build/stamp at it. Called by ./atoll and ./dev.
#
#   .build/app/<id>/lib/*.jar, *.aot    all jars of the daemon and the CLI, and their startup caches
#   .build/app/<id>/libexec/            the supervisor
#   .build/app/<id>/release, java-home  "version commit"; the Java that made the caches
#   .build/lib                          link to the newest lib
#
# A folder of its own for every build: a daemon that runs from an older one never sees its jars change.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=$root/.build
. "$root/tools/jdk.sh"
. "$root/tools/packages.sh"
. "$root/tools/maven.sh"

if ! mkdir -p "$build/app" 2>/dev/null || [ ! -w "$build" ]; then
  if [ -r "$build/stamp" ]; then
    echo "atoll: the build in $build is older than the sources, and this user may not write there; using it as it is" >&2
    exit 0
  fi
  echo "atoll: cannot build: $build is not writable for $(id -un). Clone the repository to a place of your own, or use a package." >&2
  exit 1
fi

# One build at a time; a lock of a process that is gone is no lock.
lock=$build/lock
waited=
before=$(cat "$build/stamp" 2>/dev/null)
until mkdir "$lock" 2>/dev/null; do
  holder=
  [ ! -r "$lock/pid" ] || read -r holder <"$lock/pid"
  if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null && ! ps -p "$holder" >/dev/null 2>&1; then
    rm -rf "$lock"
    continue
  fi
  [ -n "$waited" ] || echo "atoll: another build is running (process ${holder:-unknown}); waiting for it" >&2
  waited=1
  sleep 1
done
echo $$ >"$lock/pid"
mark=$build/stamp.$$
trap 'rm -rf "$lock" "$mark"' EXIT
trap 'exit 130' INT TERM HUP

# Who waited finds the work done.
if [ -n "$waited" ] && [ "$(cat "$build/stamp" 2>/dev/null)" != "$before" ]; then exit 0; fi

seconds
began=$now
find_jdk 25 javac || {
  explain_no_jdk 25 javac
  exit 1
}
need_tools 'the build' mvn || exit 1
case $(uname -m) in aarch64 | arm64) arch=arm64 ;; *) arch=amd64 ;; esac
supervisor=
if [ -f "$root/supervisor/Makefile" ] && [ "$(uname -s)" = Linux ]; then
  supervisor=1
  if command -v gcc >/dev/null 2>&1; then compiler=gcc; else compiler=cc; fi
  need_tools 'the supervisor, the small C program that keeps tasks alive' make "$compiler" || exit 1
fi

commit=$(git -C "$root" rev-parse HEAD 2>/dev/null) || commit=unknown
id=$(date -u +%Y%m%d%H%M%S)-$$
app=$build/app/$id
mkdir -p "$app/lib" "$app/libexec"
: >"$mark"

if [ -r "$build/stamp" ]; then
  echo "Building Atoll" >&2
else
  echo "Building Atoll for the first time: fetches libraries and compiles, a few minutes" >&2
fi

if [ -n "$supervisor" ]; then
  seconds
  since=$now
  if ! make -C "$root/supervisor" "ARCH=$arch" >"$build/supervisor.log" 2>&1; then
    echo "atoll: the supervisor does not compile; the end of $build/supervisor.log:" >&2
    tail -n 15 "$build/supervisor.log" | sed 's/^/    /' >&2
    exit 1
  fi
  cp "$root/supervisor/build/$arch/atoll-supervisor" "$app/libexec/atoll-supervisor"
  printf '  %-11s %6s s\n' supervisor "$(elapsed "$since")" >&2
fi

run_maven "$build/build.log" package -Dmaven.test.skip=true "-Datoll.commit=$commit" -Passemble "-Datoll.assemble=$app/lib" || {
  echo "atoll: the build failed:" >&2
  explain_maven "$build/build.log"
  rm -rf "$app"
  exit 1
}

# picocli is compiled for Java 5, which no startup cache takes; the upgraded copy is kept between builds.
for jar in "$app/lib"/picocli-*.jar; do
  [ -r "$jar" ] || continue
  upgraded=$build/upgraded/$(basename "$jar")
  if [ ! -s "$upgraded" ]; then
    mkdir -p "$build/upgraded"
    if "$jdk/bin/java" "$root/tools/UpgradeClassFiles.java" "$jar" "$upgraded.new" >"$build/upgrade.log" 2>&1; then
      mv "$upgraded.new" "$upgraded"
    else
      echo "  $(basename "$jar") stays as it is, commands start slower: see $build/upgrade.log" >&2
      rm -f "$upgraded.new"
    fi
  fi
  [ ! -s "$upgraded" ] || cp "$upgraded" "$jar"
done

version=$(sed -n 's:.*<version>\(.*\)</version>.*:\1:p' "$root/pom.xml" | head -n 1)
echo "$version $commit" >"$app/release"
echo "$jdk" >"$app/java-home"

# The stamp is as old as the start: what was edited meanwhile counts as newer.
echo "$id $commit" >"$build/stamp.new"
touch -r "$mark" "$build/stamp.new"
mv "$build/stamp.new" "$build/stamp"
rm -f "$build/lib"
ln -s "app/$id/lib" "$build/lib"

# Faster starts, never a failed build.
"$root/tools/startup-cache.sh" "$root/atoll" "$app/lib" "$build/cache.log" || :

# Keep this build and the two before it: a daemon may still run from one of them.
ls -1 "$build/app" | sort -r | sed 1,3d | while read -r old; do rm -rf "${build:?}/app/$old"; done
echo "Built in $(elapsed "$began") s" >&2
