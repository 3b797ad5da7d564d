package io.atoll.runtime.qemu.build;

import java.util.List;
import java.util.Optional;

/// A distribution that images can be made of.
///
/// @param name what users type, and the name of the image
/// @param suite the distribution's word for its release
/// @param packages what is installed, beside what is essential
/// @param epoch seconds since 1970 that all files without a better time get
/// @param diskBytes size of the image's disk; a machine's own may be larger
/// @param user who logs in by SSH; `customize.sh` makes it
public record Recipe(
    String name, String suite, List<String> packages, long epoch, long diskBytes, String user) {
  private static final List<Recipe> ALL =
      List.of(
          new Recipe(
              "debian-12",
              "bookworm",
              List.of(
                  "systemd-sysv",
                  "udev",
                  "dbus",
                  "linux-image-cloud-amd64",
                  "cloud-init",
                  "openssh-server",
                  "qemu-guest-agent",
                  "iproute2",
                  "iputils-ping",
                  "systemd-resolved",
                  "sudo",
                  "ca-certificates",
                  "netbase",
                  "passwd",
                  "kmod",
                  "cloud-guest-utils",
                  "e2fsprogs",
                  "busybox-static",
                  "python3"),
              1_700_000_000L,
              2L << 30,
              "debian"));

  public static Optional<Recipe> of(String name) {
    return ALL.stream().filter(recipe -> recipe.name.equals(name)).findFirst();
  }

  public static List<String> names() {
    return ALL.stream().map(Recipe::name).toList();
  }
}
