package io.atoll.runtime.signature;

import io.atoll.runtime.image.content.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The file of a machine's trust policy. A machine that never had one gets the policy of a fresh
/// install, in so many words: everything may run, as far as who is let in may send it. Beside it
/// lies a mark that this was done, so that a policy that is gone later is not taken for a fresh
/// install: then nothing may run until somebody writes one.
///
/// ```
/// trust.json   {"allow": [...]}
/// trust.begun  empty
/// ```
public record TrustFile(Path file) {
  private static final TrustPolicy FRESH = TrustPolicy.of(List.of(new TrustRule.Any()));

  /// Writes the policy of a fresh install where there never was one. To be called before anything
  /// runs; no effect the second time.
  ///
  /// @throws IOException if it cannot be written
  public void begin() throws IOException {
    if (Files.notExists(mark())) {
      if (Files.notExists(file)) {
        FRESH.write(file);
      }
      // Last: whoever died in between begins again.
      begun();
    }
  }

  /// What holds on this machine.
  public TrustPolicy read() {
    return TrustPolicy.read(file);
  }

  /// What holds, or what will once the machine begins to run things.
  public TrustPolicy planned() {
    return Files.notExists(file) && Files.notExists(mark()) ? FRESH : read();
  }

  public void write(TrustPolicy policy) throws IOException {
    policy.write(file);
    begun();
  }

  private void begun() throws IOException {
    if (Files.notExists(mark())) {
      DurableFiles.write(mark(), "".getBytes(StandardCharsets.US_ASCII));
    }
  }

  private Path mark() {
    return file.resolveSibling("trust.begun");
  }
}
