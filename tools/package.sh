#!/bin/sh
# package.sh [--arch amd64|arm64]...: archives and Debian packages into dist/; on amd64 also what microVMs take,
# QEMU and a kernel, as an archive to unpack over the other and as a package of its own.
#
# The package of this machine's own architecture carries a Java runtime and startup caches. For the other
# one there is no runtime to take modules from: its package has its own supervisor and asks for Java 25.
# The same commit gives the same bytes, except for the startup caches, which hold measurements of a run.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=$root/.build
. "$root/tools/jdk.sh"
. "$root/tools/packages.sh"
. "$root/tools/maven.sh"
cd "$root"
umask 022
[ -n "${LC_ALL:-}${LC_CTYPE:-}${LANG:-}" ] || export LC_CTYPE=C.UTF-8

case $(uname -m) in aarch64 | arm64) native=arm64 ;; *) native=amd64 ;; esac
archs=
while [ $# -gt 0 ]; do
  case $1 in
    --arch) archs="$archs ${2:-}" && shift ;;
    *)
      echo "dev package: unknown option $1 (--arch amd64|arm64)" >&2
      exit 2
      ;;
  esac
  shift
done
[ "$(uname -s)" = Linux ] || {
  echo "dev package: packages are for Linux and made on Linux; here run ./atoll from the checkout" >&2
  exit 1
}
archs=${archs:-$native $([ $native = amd64 ] && echo arm64 || echo amd64)}
for arch in $archs; do
  case $arch in
    amd64) need_tools 'the package for amd64' make gcc dpkg-deb objcopy ;;
    arm64) if [ $native = arm64 ]; then need_tools 'the package for arm64' make gcc dpkg-deb objcopy; else
      need_tools 'the package for arm64' make aarch64-linux-gnu-gcc arm64-libc dpkg-deb; fi ;;
    *)
      echo "dev package: no such architecture: $arch (amd64, arm64)" >&2
      exit 2
      ;;
  esac
done
find_jdk 25 jlink || {
  explain_no_jdk 25 javac
  exit 1
}

"$root/tools/build.sh"
read -r id _ <"$build/stamp"
read -r version commit <"$build/app/$id/release"
read -r jdk <"$build/app/$id/java-home"
# One time for everything in the packages: the commit's, else the pom's.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=1767225600
export SOURCE_DATE_EPOCH
stage=$build/package
rm -rf "$stage"
mkdir -p "$stage" "$root/dist"

# --- what jars need of the Java platform -------------------------------------------------------------
echo "Checking packaging/modules against the jars" >&2
modules=$(grep -v '^#\|^not \|^$' packaging/modules | paste -s -d , -)
mkdir "$stage/classes"
for jar in "$build/app/$id/lib"/*.jar; do
  name=$(basename "$jar" .jar)
  mkdir "$stage/classes/$name"
  # Unpacked and without module descriptors, or jdeps would want every optional module of every library.
  (cd "$stage/classes/$name" && "$jdk/bin/jar" xf "$jar" && find . -name module-info.class -delete && rm -rf META-INF/versions)
done
"$jdk/bin/jdeps" -s --ignore-missing-deps "$stage"/classes/* 2>/dev/null |
  sed -n 's/^\([^ ]*\) -> \(\(java\|jdk\)\.[a-z.]*\)$/\2 \1/p' | sort -u >"$stage/needs"
unlisted=$(while read -r module jar; do
  grep -qE "^(not )?$module( |\$)" packaging/modules || echo "  $module, by $jar"
done <"$stage/needs")
rm -rf "$stage/classes"
if [ -n "$unlisted" ]; then
  echo "dev package: packaging/modules says nothing of these modules; add them, or say why not:" >&2
  echo "$unlisted" >&2
  exit 1
fi

# --- bill of materials -------------------------------------------------------------------------------
sbom=
if run_maven "$build/sbom.log" package -Dmaven.test.skip=true "-Datoll.commit=$commit" -pl daemon -am \
  org.cyclonedx:cyclonedx-maven-plugin:2.9.3:makeAggregateBom -DoutputFormat=json -DincludeTestScope=false \
  -DincludeBomSerialNumber=false -DoutputName=sbom "-DoutputDirectory=$stage" 2>/dev/null && [ -s "$stage/sbom.json" ]; then
  sbom=$stage/sbom.json
else
  echo "  no bill of materials: its plugin did not run, see $build/sbom.log" >&2
fi

# tidy FOLDER: one time and plain modes for every file, so that the same input gives the same bytes.
tidy() {
  find "$1" -type d -exec chmod 755 {} +
  find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

for arch in $archs; do
  name=atoll-$version-linux-$arch
  tree=$stage/$name
  echo "Making $name" >&2
  mkdir -p "$tree/bin" "$tree/lib" "$tree/libexec" "$tree/share/man/man1"
  install -m 755 atoll "$tree/bin/atoll"
  install -m 644 "$build/app/$id/lib"/*.jar "$tree/lib/"
  install -m 644 tools/jdk.sh "$tree/lib/"
  install -m 755 tools/startup-cache.sh "$tree/libexec/"
  echo "$version $commit" >"$tree/release"
  install -m 644 LICENSE README.md CHANGELOG.md "$tree/"
  [ -z "$sbom" ] || install -m 644 "$sbom" "$tree/sbom.json"
  sed "s/^\.TH ATOLL 1 \"\"/.TH ATOLL 1 \"$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)\"/" packaging/atoll.1 >"$tree/share/man/man1/atoll.1"
  cp -R packaging/systemd "$tree/share/systemd"
  if [ -f supervisor/Makefile ]; then
    make -C supervisor "ARCH=$arch" >"$build/supervisor.log" 2>&1 || {
      tail -n 15 "$build/supervisor.log" >&2
      exit 1
    }
    install -m 755 "supervisor/build/$arch/atoll-supervisor" "$tree/libexec/"
  fi

  runtime=
  if [ "$arch" = "$native" ]; then
    runtime=1
    "$jdk/bin/jlink" --add-modules "$modules" --output "$tree/runtime" --strip-native-debug-symbols exclude-debuginfo-files \
      --no-header-files --no-man-pages --vm server >"$build/jlink.log" 2>&1 || {
      echo "dev package: jlink failed:" >&2
      cat "$build/jlink.log" >&2
      exit 1
    }
    # A cache suits only jars of the time that it saw, so times are set before it is made.
    tidy "$tree"
    "$root/tools/startup-cache.sh" "$tree/bin/atoll" "$tree/lib" "$build/package-cache.log"
    for cache in daemon cli; do
      [ -s "$tree/lib/$cache.aot" ] || echo "  no startup cache for $cache: see $build/package-cache.log" >&2
    done
  fi
  tidy "$tree"
  tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf - "$name" | gzip -n -6 >"dist/$name.tar.gz"

  # The .deb is the same tree under /usr/lib/atoll, with what Debian wants elsewhere.
  deb=$stage/deb-$arch
  mkdir -p "$deb/DEBIAN" "$deb/usr/lib" "$deb/usr/bin" "$deb/usr/share/doc/atoll" "$deb/usr/share/man/man1" \
    "$deb/usr/lib/systemd" "$deb/etc/default"
  cp -a "$tree" "$deb/usr/lib/atoll"
  rm -rf "$deb/usr/lib/atoll/share" "$deb/usr/lib/atoll/LICENSE" "$deb/usr/lib/atoll/README.md" "$deb/usr/lib/atoll/CHANGELOG.md"
  ln -s ../lib/atoll/bin/atoll "$deb/usr/bin/atoll"
  mkdir -p "$deb/usr/lib/systemd/system" "$deb/usr/lib/systemd/user"
  cp packaging/systemd/*.service "$deb/usr/lib/systemd/system/"
  cp packaging/systemd/user/*.service "$deb/usr/lib/systemd/user/"
  gzip -n -9 <"$tree/share/man/man1/atoll.1" >"$deb/usr/share/man/man1/atoll.1.gz"
  gzip -n -9 <CHANGELOG.md >"$deb/usr/share/doc/atoll/changelog.gz"
  cp README.md "$deb/usr/share/doc/atoll/"
  {
    echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
    echo "Upstream-Name: Atoll"
    echo
    echo "Files: *"
    echo "Copyright: the Atoll authors"
    echo "License: Apache-2.0"
    echo " On Debian systems the whole text is in /usr/share/common-licenses/Apache-2.0."
    echo " The licences of the libraries are named in /usr/lib/atoll/sbom.json, those of the Java"
    echo " runtime stand in /usr/lib/atoll/runtime/legal."
  } >"$deb/usr/share/doc/atoll/copyright"
  install -m 644 packaging/debian/default "$deb/etc/default/atoll"
  echo /etc/default/atoll >"$deb/DEBIAN/conffiles"
  for script in postinst prerm postrm; do install -m 755 "packaging/debian/$script" "$deb/DEBIAN/$script"; done
  # A package of a snapshot sorts before the release that it leads to.
  deb_version=$(echo "$version" | tr - '~')
  {
    echo "Package: atoll"
    echo "Version: $deb_version"
    echo "Architecture: $arch"
    echo "Maintainer: the Atoll authors <atoll@localhost>"
    echo "Section: net"
    echo "Priority: optional"
    echo "Installed-Size: $(du -sk --exclude=DEBIAN "$deb" | cut -f 1)"
    if [ -n "$runtime" ]; then echo "Depends: libc6, passwd | adduser"; else
      echo "Depends: java25-runtime-headless | openjdk-25-jre-headless | java26-runtime-headless, passwd | adduser"
    fi
    echo "Recommends: bubblewrap"
    echo "Suggests: docker.io | podman, atoll-microvm"
    echo "Description: one pool of compute from machines that belong to different people"
    echo " Every machine runs one daemon: a provider offers CPU, memory and disk, a hub"
    echo " takes tasks and places them. Tasks run sandboxed or in containers, and go on"
    echo " when the daemon is restarted, upgraded or killed."
    [ -n "$runtime" ] || echo " .
 This package has no Java runtime of its own and needs one of version 25 or newer."
  } >"$deb/DEBIAN/control"
  tidy "$deb"
  dpkg-deb --root-owner-group -Zgzip -z6 --build "$deb" "dist/atoll_${deb_version}_$arch.deb" >/dev/null
  [ -n "$runtime" ] || echo "  without a Java runtime: there are no $arch modules here; it needs Java 25 on the machine" >&2
done
case "$native, $archs " in
  "amd64,"*" amd64 "*)
    name=atoll-$version-linux-amd64
    echo "Making atoll-microvm-$version-linux-amd64" >&2
    bundle=$stage/bundle
    mkdir -p "$bundle/$name/lib"
    "$root/tools/microvm-bundle.sh" "$bundle/$name/lib/guest"
    tidy "$bundle"
    tar -C "$bundle" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf - "$name" |
      gzip -n -9 >"dist/atoll-microvm-$version-linux-amd64.tar.gz"
    deb=$stage/deb-microvm
    mkdir -p "$deb/DEBIAN" "$deb/usr/lib/atoll/lib" "$deb/usr/share/doc/atoll-microvm"
    mv "$bundle/$name/lib/guest" "$deb/usr/lib/atoll/lib/guest"
    mv "$deb/usr/lib/atoll/lib/guest/licences" "$deb/usr/share/doc/atoll-microvm/copyright.d"
    echo "The licence of each part stands in copyright.d." >"$deb/usr/share/doc/atoll-microvm/copyright"
    {
      echo "Package: atoll-microvm"
      echo "Version: $(echo "$version" | tr - '~')"
      echo "Architecture: amd64"
      echo "Maintainer: the Atoll authors <atoll@localhost>"
      echo "Section: net"
      echo "Priority: optional"
      echo "Installed-Size: $(du -sk --exclude=DEBIAN "$deb" | cut -f 1)"
      echo "Depends: libc6 (>= $(dpkg-query -W -f '${Version}' libc6 | sed 's/-.*//'))"
      echo "Enhances: atoll"
      echo "Description: what Atoll's microVMs take: QEMU with its firmware, and a kernel"
      echo " With it, and without any other package, atoll up --microvm runs container images"
      echo " in virtual machines of their own."
    } >"$deb/DEBIAN/control"
    tidy "$deb"
    dpkg-deb --root-owner-group -Zxz -z6 --build "$deb" "dist/atoll-microvm_$(echo "$version" | tr - '~')_amd64.deb" >/dev/null
    ;;
esac
(cd dist && sha256sum ./*"$version"*.tar.gz ./*.deb >SHA256SUMS)
du -h dist/*.tar.gz dist/*.deb >&2
