package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Makes a machine as runs have it, confined and with its firmware, and lets it end before its
/// first instruction: whether QEMU is whole here, in a fraction of a second.
final class QemuTrial {
  private static final int SECONDS = 20;
  private static final String REMEDY =
      "install QEMU 7.2 or newer whole, with its firmware: qemu-system-x86, seabios";

  private QemuTrial() {}

  static Finding of(VmSettings settings) throws InterruptedException {
    List<String> words =
        List.of(
            settings.qemu().path().toString(),
            "-M",
            settings.qemu().machine(),
            "-accel",
            settings.kvm() ? "kvm" : "tcg",
            "-m",
            "64",
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
            "-sandbox",
            VmCommandLine.SANDBOX,
            "-device",
            "virtio-serial-pci",
            "-S",
            "-qmp",
            "stdio");
    Process process = null;
    try {
      Path said = Files.createTempFile("atoll-qemu", ".txt");
      try {
        process =
            new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try (OutputStream in = process.getOutputStream()) {
          in.write("{'execute':'qmp_capabilities'}{'execute':'quit'}\n".getBytes(UTF_8));
        } catch (IOException e) {
          // It ended before it was asked to: what it said tells why.
        }
        boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
        if (ended && process.exitValue() == 0) {
          return new Finding("machine", Level.OK, "QEMU makes a confined machine", "");
        }
        String text = Files.readString(said, ISO_8859_1).strip();
        String last = text.substring(text.lastIndexOf('\n') + 1).replaceAll("\\p{Cntrl}", "?");
        return new Finding(
            "machine",
            Level.MISSING,
            ended
                ? "QEMU makes no machine, and ends with " + process.exitValue() + ": " + last
                : "QEMU did not make a machine within " + SECONDS + " s",
            REMEDY);
      } finally {
        Files.deleteIfExists(said);
      }
    } catch (IOException e) {
      return new Finding(
          "machine", Level.MISSING, "QEMU could not be tried: " + e.getMessage(), REMEDY);
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }
}
