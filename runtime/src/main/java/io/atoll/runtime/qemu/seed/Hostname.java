package io.atoll.runtime.qemu.seed;

import java.util.Locale;

/// The name of a machine: one label of RFC 1123, in small letters.
public record Hostname(String text) {
  private static final int MAX = 63;

  public Hostname {
    if (!text.matches("[a-z0-9]([a-z0-9-]{0," + (MAX - 2) + "}[a-z0-9])?")) {
      throw new IllegalArgumentException(
          "not a name of a machine: '"
              + text
              + "'; write 1 to 63 small letters, digits and hyphens, no hyphen at either end");
    }
  }

  /// The nearest name to any text; `vm` if nothing of it can be kept.
  public static Hostname near(String text) {
    String kept = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    kept = kept.substring(0, Math.min(MAX, kept.length())).replaceAll("^-+|-+$", "");
    return new Hostname(kept.isEmpty() ? "vm" : kept);
  }

  @Override
  public String toString() {
    return text;
  }
}
