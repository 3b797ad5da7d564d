# Finds a Java of at least a given version. Sourced by ./atoll, ./dev and the tools, and shipped in
# packages without a runtime of their own; POSIX sh, starts no process except to resolve a link.

# java_major DIR: sets `major` from DIR/release, or to 0 where DIR holds no usable Java.
java_major() {
  major=0
  [ -x "$1/bin/java" ] || return 0
  if [ -r "$1/release" ]; then
    while read -r line; do
      case $line in
        JAVA_VERSION=*)
          line=${line#JAVA_VERSION=}
          line=${line#\"}
          major=${line%%[!0-9]*}
          ;;
      esac
    done <"$1/release"
  else
    line=$("$1/bin/java" -version 2>&1) || return 0
    line=${line#*\"}
    major=${line%%[!0-9]*}
  fi
  [ -n "$major" ] || major=0
}

# real_path FILE: prints FILE with every link followed (readlink -f is not everywhere).
real_path() {
  target=$1
  while [ -L "$target" ]; do
    link=$(readlink "$target")
    case $link in
      /*) target=$link ;;
      *) target=${target%/*}/$link ;;
    esac
  done
  printf '%s\n' "$(CDPATH='' cd -- "${target%/*}" && pwd -P)/${target##*/}"
}

# find_jdk MINIMUM TOOL: sets `jdk` to the first home that is new enough and has bin/TOOL (java to run,
# javac to build). Order: JAVA_HOME, PATH, the usual folders. Empty and status 1 where there is none;
# then `jdk_seen` names what was found but is too old.
find_jdk() {
  jdk=
  jdk_seen=
  on_path=$(command -v java 2>/dev/null) && on_path=$(real_path "$on_path") && on_path=${on_path%/bin/java}
  for candidate in \
    "${JAVA_HOME:-}" "${on_path:-}" \
    /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/* /opt/java/* /usr/local/*jdk* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$candidate" ] && [ -x "$candidate/bin/java" ] || continue
    java_major "$candidate"
    if [ "$major" -ge "$1" ] && [ -x "$candidate/bin/$2" ]; then
      jdk=$candidate
      return 0
    fi
    jdk_seen="$jdk_seen
  $candidate (version $major$([ -x "$candidate/bin/$2" ] || echo ", without $2"))"
  done
  if [ -x /usr/libexec/java_home ]; then
    candidate=$(/usr/libexec/java_home -v "$1+" 2>/dev/null) || candidate=
    if [ -n "$candidate" ] && [ -x "$candidate/bin/$2" ]; then
      jdk=$candidate
      return 0
    fi
  fi
  return 1
}

# explain_no_jdk MINIMUM TOOL: says on stderr what to install.
explain_no_jdk() {
  case $2 in
    javac) kind='Java development kit (JDK)' ;;
    *) kind='Java runtime (JRE or JDK)' ;;
  esac
  {
    echo "atoll: no $kind of version $1 or newer was found."
    [ -z "$jdk_seen" ] || echo "Found, but not usable:$jdk_seen"
    echo "Looked at JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman and the system's own folders. Install one:"
    echo "  Debian, Ubuntu  apt-get install openjdk-$1-jdk-headless   (Debian 13, Ubuntu 24.04 or newer)"
    echo "  Fedora, RHEL    dnf install java-$1-openjdk-devel"
    echo "  macOS           brew install openjdk@$1"
    echo "  SDKMAN          sdk install java $1-tem"
    echo "or unpack any vendor's JDK $1 to /opt and set JAVA_HOME to it."
  } >&2
}
