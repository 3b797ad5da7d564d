# Sees to it that programs from the machine's package manager are there. Sourced; POSIX sh.
# Needs `build` (the .build folder) for the log. Nothing is installed unsaid, nor without consent:
# a terminal is asked, CI=true or ATOLL_YES=1 is consent, anything else only gets the command to run.

# tool_present TOOL: is it there? A few are not programs of the same name.
tool_present() {
  case $1 in
    arm64-libc) [ -e /usr/aarch64-linux-gnu/lib/libc.a ] ;;
    busybox-static) command -v busybox >/dev/null 2>&1 ;;
    *) command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] ;;
  esac
}

package_manager() {
  manager=
  for candidate in apt-get dnf brew; do
    if command -v "$candidate" >/dev/null 2>&1; then
      manager=$candidate
      return 0
    fi
  done
  return 1
}

# package_of TOOL: the package of this machine's manager that brings it (empty: it has none).
package_of() {
  case $manager:$1 in
    apt-get:mvn | dnf:mvn | brew:mvn) echo maven ;;
    apt-get:cc | dnf:cc | brew:cc) echo gcc ;;
    *:make) echo make ;;
    apt-get:musl-gcc) echo musl-tools ;;
    dnf:musl-gcc) echo musl-gcc ;;
    apt-get:aarch64-linux-gnu-gcc) echo gcc-aarch64-linux-gnu ;;
    apt-get:arm64-libc) echo libc6-dev-arm64-cross ;;
    dnf:aarch64-linux-gnu-gcc) echo gcc-aarch64-linux-gnu ;;
    apt-get:bwrap | dnf:bwrap) echo bubblewrap ;;
    apt-get:dockerd) echo docker.io ;;
    dnf:dockerd) echo moby-engine ;;
    apt-get:docker-registry) echo docker-registry ;;
    *:mksquashfs) echo squashfs-tools ;;
    apt-get:busybox-static) echo busybox-static ;;
    dnf:busybox-static) echo busybox ;;
    *:lz4 | *:cpio) echo "$1" ;;
    apt-get:qemu-system-x86_64) echo qemu-system-x86 ;;
    dnf:qemu-system-x86_64) echo qemu-system-x86-core ;;
    apt-get:mksquashfs | dnf:mksquashfs) echo squashfs-tools ;;
    *:lz4 | *:cpio | *:zstd) echo "$1" ;;
    apt-get:node | dnf:node) echo nodejs ;;
    brew:node | brew:npm) echo node ;;
    apt-get:npm) echo npm ;;
    dnf:npm) echo nodejs-npm ;;
    apt-get:dpkg-deb) echo dpkg ;;
    dnf:dpkg-deb | brew:dpkg-deb) echo dpkg ;;
    apt-get:objcopy | dnf:objcopy) echo binutils ;;
    brew:qemu-system-x86_64 | brew:qemu-img) echo qemu ;;
    apt-get:qemu-img) echo qemu-utils ;;
    dnf:qemu-img) echo qemu-img ;;
    apt-get:isoinfo | dnf:isoinfo) echo genisoimage ;;
    *:mmdebstrap) echo mmdebstrap ;;
    *:nft) echo nftables ;;
    apt-get:miniupnpd) echo miniupnpd-nftables ;;
    *:miniupnpd) echo miniupnpd ;;
    apt-get:ping) echo iputils-ping ;;
    *:ping) echo iputils ;;
    apt-get:ip) echo iproute2 ;;
    dnf:ip) echo iproute ;;
    *:unshare | *:nsenter) echo util-linux ;;
    apt-get:mke2fs | dnf:mke2fs | brew:mke2fs) echo e2fsprogs ;;
    apt-get:ssh | apt-get:ssh-keygen) echo openssh-client ;;
    dnf:ssh | dnf:ssh-keygen) echo openssh-clients ;;
    *:wireguard-go) echo wireguard-go ;;
    *:wg) echo wireguard-tools ;;
    *:curl | *:iperf3 | *:git | *:zsh | *:fish | *:openssl | *:python3) echo "$1" ;;
  esac
}

install_command() {
  case $manager in
    apt-get) echo "apt-get install -y --no-install-recommends$1" ;;
    dnf) echo "dnf install -y$1" ;;
    brew) echo "brew install$1" ;;
  esac
}

# need_tools WHY TOOL...: status 0 when all are there at the end. No package manager is called when they
# are there at the start.
need_tools() {
  why=$1
  shift
  missing=
  for tool in "$@"; do
    tool_present "$tool" || missing="$missing $tool"
  done
  [ -n "$missing" ] || return 0

  if ! package_manager; then
    echo "atoll: missing for $why:$missing. No known package manager (apt-get, dnf, brew) is here; please install them." >&2
    return 1
  fi
  packages=
  for tool in $missing; do
    package=$(package_of "$tool")
    case " $packages " in *" $package "*) ;; *) packages="$packages${package:+ $package}" ;; esac
  done
  if [ -z "$packages" ]; then
    echo "atoll: missing for $why:$missing. $manager has no package for it." >&2
    return 1
  fi

  command=$(install_command "$packages")
  as_root=
  if [ "$manager" != brew ] && [ "$(id -u)" != 0 ]; then as_root='sudo '; fi
  echo "Missing for $why:$missing" >&2
  if [ -n "$as_root" ]; then
    if ! command -v sudo >/dev/null 2>&1 || { ! sudo -n true 2>/dev/null && [ ! -t 0 ]; }; then
      echo "  this user may not install packages. As root: $command" >&2
      return 1
    fi
  fi
  if [ -z "${ATOLL_YES:-}" ] && [ "${CI:-}" != true ]; then
    if [ ! -t 0 ] || [ ! -t 2 ]; then
      echo "  install with: $as_root$command" >&2
      echo "  (or allow it: ATOLL_YES=1, or --yes)" >&2
      return 1
    fi
    printf '  run "%s%s" now? [Y/n] ' "$as_root" "$command" >&2
    read -r answer || answer=n
    case $answer in '' | y | Y | yes) ;; *) return 1 ;; esac
  fi
  echo "  installing: $as_root$command" >&2
  mkdir -p "$build"
  log=$build/install.log
  # shellcheck disable=SC2086 # as_root and command are lists of words
  if ! DEBIAN_FRONTEND=noninteractive $as_root $command </dev/null >"$log" 2>&1; then
    # Package lists may be missing or old; that is the common cause, and trying again settles it.
    [ "$manager" = apt-get ] && DEBIAN_FRONTEND=noninteractive $as_root apt-get update </dev/null >>"$log" 2>&1
    if ! DEBIAN_FRONTEND=noninteractive $as_root $command </dev/null >>"$log" 2>&1; then
      echo "  that failed; the end of $log:" >&2
      tail -n 5 "$log" | sed 's/^/    /' >&2
    fi
  fi

  still=
  for tool in $missing; do
    tool_present "$tool" || still="$still $tool"
  done
  [ -z "$still" ] || {
    echo "atoll: still missing for $why:$still" >&2
    return 1
  }
}
