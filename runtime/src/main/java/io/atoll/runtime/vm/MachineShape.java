package io.atoll.runtime.vm;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Resources;
import io.atoll.runtime.driver.DriverException;

/// How large a machine is.
///
/// @param cpus virtual processors
/// @param memoryMib of RAM
record MachineShape(int cpus, int memoryMib) {
  private static final int DEFAULT_MIB = 512;

  /// Below it a distribution's kernel with an initramfs does not come up, or systemd does not.
  private static final int LEAST_MIB = 192;

  private static final int MOST_CPUS = 64;
  private static final int MOST_MIB = 1 << 20;

  /// What QEMU takes beside the guest's RAM: under emulation mostly translated code.
  private static final long BESIDE_TCG = 448L << 20;

  private static final long BESIDE_KVM = 160L << 20;

  static MachineShape of(Resources resources) throws DriverException {
    long mib = resources.memory() == 0 ? DEFAULT_MIB : resources.memory() >> 20;
    if (mib < LEAST_MIB || mib > MOST_MIB) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "a virtual machine with " + ByteSize.format(resources.memory()) + " of memory",
          "ask for " + LEAST_MIB + "MiB to 1TiB");
    }
    long cpus = Math.max(1, (resources.cpuMillis() + 999) / 1000);
    if (cpus > MOST_CPUS) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "a virtual machine with " + cpus + " processors",
          "ask for at most " + MOST_CPUS);
    }
    return new MachineShape((int) cpus, (int) mib);
  }

  /// What the machine may use of the host's memory.
  long hostMemory(boolean kvm) {
    return ((long) memoryMib << 20) + (kvm ? BESIDE_KVM : BESIDE_TCG);
  }
}
