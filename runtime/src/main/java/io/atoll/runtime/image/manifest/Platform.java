package io.atoll.runtime.image.manifest;

import java.util.Locale;

/// What an image's programs run on, in the words of the specification (Go's).
///
/// @param variant of the architecture, such as `v8`; empty where there is none
public record Platform(String os, String architecture, String variant) {
  /// Linux on this machine's processor: where containers and guests run, whatever the host's
  /// system.
  public static Platform here() {
    return new Platform("linux", architectureOf(System.getProperty("os.arch", "")), "");
  }

  static Platform of(Fields fields) {
    return new Platform(fields.text("os"), fields.text("architecture"), fields.text("variant"));
  }

  /// Go's word for a processor that the JDK or the kernel names.
  public static String architectureOf(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> "amd64";
      case "aarch64", "arm64" -> "arm64";
      case "i386", "i686", "x86" -> "386";
      default -> name.toLowerCase(Locale.ROOT);
    };
  }

  /// Whether programs for `offered` run here.
  public boolean runs(Platform offered) {
    return offered.os.equals(os)
        && architectureOf(offered.architecture).equals(architecture)
        // A wanted variant is wanted; without one, any that the base architecture has will do.
        && (variant.isEmpty() || offered.variant.isEmpty() || offered.variant.equals(variant));
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }

  /// @throws IllegalArgumentException if it is not `os/architecture[/variant]`
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length < 2 || parts.length > 3 || text.contains("//") || text.length() > 64) {
      throw new IllegalArgumentException(
          "not a platform: '" + text + "'; write os/architecture, such as linux/arm64");
    }
    return new Platform(parts[0], architectureOf(parts[1]), parts.length > 2 ? parts[2] : "");
  }
}
