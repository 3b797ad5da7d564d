package io.atoll.runtime.qemu;

import java.util.Locale;

/// The operating system that QEMU runs on. Only Linux was tried; the command lines for the others
/// are checked as text.
public enum HostSystem {
  LINUX,
  MACOS,
  WINDOWS;

  public static HostSystem current() {
    String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    return name.contains("win") ? WINDOWS : name.contains("mac") ? MACOS : LINUX;
  }

  /// Whether QEMU has a system call filter of its own there (`-sandbox`).
  public boolean filters() {
    return this == LINUX;
  }
}
