package io.atoll.p2p.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The hash of a partial file, through the partial file that feeds it.
@Timeout(30)
class RunningHashTest {
  private static final int SIZE = (3 << 20) + 12_345;

  @TempDir Path temp;
  private final byte[] content = new byte[SIZE];

  RunningHashTest() {
    new Random(1).nextBytes(content);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return Offer.hex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private void append(PartialFile partial, int from, int to) throws Exception {
    partial.append(new ByteArrayInputStream(content, from, to - from), to - from);
  }

  @Test
  void coversWhatWasThereAndWhatComes() throws Exception {
    for (int there : new int[] {0, 1, 256 << 10, 1_000_001, SIZE - 1, SIZE}) {
      Path file = Files.write(temp.resolve("at-" + there), Arrays.copyOf(content, there));
      try (PartialFile partial = PartialFile.open(file)) {
        assertThat(partial.length()).isEqualTo(there);
        for (int at = there; at < SIZE; at = Math.min(SIZE, at + 70_000)) {
          append(partial, at, Math.min(SIZE, at + 70_000));
          if (at < 2_000_000) {
            Thread.sleep(1); // at some time the thread catches up, at another not
          }
        }
        assertThat(partial.hash()).as("there before: " + there).isEqualTo(sha256(content));
      }
      assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }
  }

  @Test
  void whatWasDamagedMeanwhileIsNoticed() throws Exception {
    byte[] damaged = content.clone();
    damaged[500_000] ^= 1;
    Path file = Files.write(temp.resolve("damaged"), Arrays.copyOf(damaged, 1_000_000));
    try (PartialFile partial = PartialFile.open(file)) {
      append(partial, 1_000_000, SIZE);
      assertThat(partial.hash()).isEqualTo(sha256(damaged)).isNotEqualTo(sha256(content));
      partial.startAnew();
      append(partial, 0, SIZE);
      assertThat(partial.hash()).isEqualTo(sha256(content));
      partial.force();
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(content);
  }

  @Test
  void whatCameBeforeAStreamBrokeIsKept() throws Exception {
    Path file = temp.resolve("broken");
    PartialFile partial = PartialFile.open(file);
    var half = new ByteArrayInputStream(content, 0, 300_000);
    assertThatThrownBy(() -> partial.append(half, 400_000)).isInstanceOf(EOFException.class);
    partial.close();
    assertThat(Files.readAllBytes(file)).isEqualTo(Arrays.copyOf(content, 300_000));
  }

  @Test
  void aFileThatGotShorterIsNotVerified() throws Exception {
    Path file = Files.write(temp.resolve("short"), Arrays.copyOf(content, 1000));
    try (RunningHash hash = new RunningHash(file, 2000)) {
      assertThatThrownBy(hash::finish).isInstanceOf(IOException.class).hasMessageContaining("back");
    }
  }
}
