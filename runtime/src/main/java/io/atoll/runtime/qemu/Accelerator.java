package io.atoll.runtime.qemu;

import java.util.List;

/// How QEMU executes a guest's instructions.
public enum Accelerator {
  KVM("kvm", "host"),
  HVF("hvf", "host"),
  WHPX("whpx", "max"),
  /// Translation in software: works everywhere, some twenty times slower.
  /// It moves strings byte by byte, so a guest had better not think that quick (ERMS, FSRM).
  TCG("tcg", "max,-erms,-fsrm");

  private final String word;
  private final String cpu;

  Accelerator(String word, String cpu) {
    this.word = word;
    this.cpu = cpu;
  }

  /// QEMU's name for it.
  public String word() {
    return word;
  }

  /// The CPU that a guest gets with it.
  public String cpu() {
    return cpu;
  }

  /// What follows `-accel`. The translation buffer of software emulation is held small: it is
  /// memory of every guest, and what one guest does from then on fits; a boot needs more, or it is
  /// thrown away in the middle.
  public String argument(boolean boots) {
    return this == TCG ? "tcg,thread=multi,tb-size=" + (boots ? 64 : 32) : word;
  }

  /// What may work on a system, best first.
  public static List<Accelerator> candidates(HostSystem system) {
    return switch (system) {
      case LINUX -> List.of(KVM, TCG);
      case MACOS -> List.of(HVF, TCG);
      case WINDOWS -> List.of(WHPX, TCG);
    };
  }
}
