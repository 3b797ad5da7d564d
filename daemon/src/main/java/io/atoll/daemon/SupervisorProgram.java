package io.atoll.daemon;

import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// The supervisor: the small program beside this one that keeps each run.
final class SupervisorProgram {
  /// The protocol that this daemon speaks with it.
  private static final String PROTOCOL = "2";

  private static final int PATIENCE_SECONDS = 3;
  private static final String REMEDY =
      "install Atoll again, or in a source checkout run `./dev build`";

  private SupervisorProgram() {}

  /// Where the launcher says it is.
  static Path ofThisInstallation() {
    return Path.of(System.getProperty("atoll.supervisor", "/usr/libexec/atoll-supervisor"));
  }

  /// Runs it once.
  static Finding tried(Path program) throws InterruptedException {
    if (!Files.exists(program)) {
      return missing("there is no " + program, REMEDY);
    }
    try {
      String arch = arch(program);
      if (!arch.isEmpty() && !arch.equals(ThisMachine.arch())) {
        return missing(
            program + " is for " + arch + ", this machine is " + ThisMachine.arch(),
            "install the package for " + ThisMachine.arch() + "; in a checkout: `./dev build`");
      }
      Process process =
          new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return missing(
            program + " did not answer within " + PATIENCE_SECONDS + " s", "see dmesg, try again");
      }
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0 || !said.matches("[0-9]+")) {
        return missing(
            program + " is something else: it ended with " + process.exitValue(), REMEDY);
      }
      return said.equals(PROTOCOL)
          ? new Finding("program", Level.OK, program + " runs, protocol " + said, "")
          : missing(
              program + " speaks protocol " + said + ", this Atoll speaks " + PROTOCOL, REMEDY);
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      if (why.contains("ermission denied") || why.contains("error=13")) {
        return missing(
            program + " may not be executed by this user",
            "chmod 755 it and the folders above it; is its file system mounted noexec?");
      }
      return missing(program + " cannot be executed: " + why, REMEDY);
    }
  }

  /// What an ELF program is for; empty for anything else. Executing it would not tell: what the
  /// kernel does not take, the JDK hands to a shell.
  private static String arch(Path program) throws IOException {
    byte[] header = new byte[20];
    try (InputStream in = Files.newInputStream(program)) {
      if (in.readNBytes(header, 0, header.length) < header.length
          || header[0] != 0x7f
          || header[1] != 'E') {
        return "";
      }
    }
    int machine = (header[18] & 0xff) | (header[19] & 0xff) << 8;
    return switch (machine) {
      case 62 -> "amd64";
      case 183 -> "arm64";
      default -> "machine type " + machine;
    };
  }

  private static Finding missing(String cause, String remedy) {
    return new Finding("program", Level.MISSING, cause, remedy);
  }
}
