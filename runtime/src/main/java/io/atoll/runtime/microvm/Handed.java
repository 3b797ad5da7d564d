package io.atoll.runtime.microvm;

/// The numbers at which QEMU has the files that it is handed.
final class Handed {
  static final int KERNEL = 10;
  static final int INITRAMFS = 11;
  static final int IMAGE = 12;
  static final int MEMORY = 13;
  static final int STATE = 14;

  private Handed() {}

  static String path(int number) {
    return "/proc/self/fd/" + number;
  }
}
