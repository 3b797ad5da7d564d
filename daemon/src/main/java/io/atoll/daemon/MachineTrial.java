package io.atoll.daemon;

import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import io.atoll.runtime.microvm.GuestFiles;
import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.vm.VmDriver;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What machines in machines need here. A guest is not booted: that takes longer than a doctor has.
/// A daemon that offers them does, before it offers them.
final class MachineTrial {
  private static final String QEMU_REMEDY = "install QEMU 7.2 or newer: qemu-system-x86";
  private static final Path KVM = Path.of("/dev/kvm");

  private MachineTrial() {}

  /// @param dataDir where the images of virtual machines are
  static List<Finding> whole(Path dataDir) throws InterruptedException {
    try {
      return VmDriver.tried(Drivers.machines(dataDir)).findings();
    } catch (IOException e) {
      return Drivers.noMachines(e).findings();
    }
  }

  static List<Finding> micro() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    findings.add(qemu());
    try {
      GuestFiles guest = GuestFiles.in(Drivers.guest());
      findings.add(new Finding("guest", Level.OK, "its kernel is " + guest.release().strip(), ""));
    } catch (IOException e) {
      findings.add(
          new Finding(
              "guest",
              Level.MISSING,
              String.valueOf(e.getMessage()),
              "see docs/install.md for microVMs"));
    }
    findings.add(kvm());
    return findings;
  }

  private static Finding qemu() throws InterruptedException {
    Optional<Path> program = QemuProgram.find("x86_64", List.of());
    if (program.isEmpty()) {
      return new Finding(
          "qemu",
          Level.MISSING,
          "no qemu-system-x86_64 in the folders of PATH, /usr/bin or /usr/local/bin",
          QEMU_REMEDY);
    }
    try {
      QemuProgram qemu = QemuProgram.ask(program.get());
      return new Finding(
          "qemu",
          qemu.atLeast(7, 2) ? Level.OK : Level.MISSING,
          qemu.path() + " is QEMU " + qemu.text(),
          QEMU_REMEDY);
    } catch (IOException e) {
      return new Finding("qemu", Level.MISSING, String.valueOf(e.getMessage()), QEMU_REMEDY);
    }
  }

  /// Whether guests run on the processor is only known when one has: the daemon tries.
  private static Finding kvm() {
    try (FileChannel _ = FileChannel.open(KVM, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new Finding(
          "kvm", Level.OK, KVM + " opens; `atoll up --microvm` tries it with a guest", "");
    } catch (IOException e) {
      return new Finding(
          "kvm",
          Level.LIMITED,
          KVM + " does not open: guests are emulated in software, some twenty times slower",
          "give this machine KVM, and this user its device");
    }
  }
}
