package io.atoll.runtime.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.OutputChunk.Stream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damages a run's folder at random and reads it: a reader never fails, never loops, never returns
/// a byte at an offset that the writer did not give it, unless that very byte was damaged.
/// `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S` for a long run.
class OutputFuzzTest {
  @TempDir Path folder;

  @Test
  void damagedFolders() throws IOException {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 400);
    System.out.println("seed " + seed + ", " + rounds + " rounds");
    for (int round = 0; round < rounds; round++) {
      try {
        round(new Random(seed + round));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("round seed " + (seed + round), e);
      }
    }
  }

  private void round(Random random) throws IOException {
    for (long number : Segment.list(folder)) {
      Files.delete(Segment.path(folder, number));
    }
    // Segments as a writer would leave them, but small: cut by renaming.
    long offset = 0;
    int segments = 1 + random.nextInt(4);
    for (int s = 0; s < segments; s++) {
      ByteBuffer file = ByteBuffer.allocate(4096);
      int records = 1 + random.nextInt(8);
      for (int r = 0; r < records; r++) {
        int length = 1 + random.nextInt(200);
        new RecordHeader(offset, r, random.nextBoolean() ? Stream.STDOUT : Stream.STDERR, length)
            .put(file);
        for (int i = 0; i < length; i++) {
          file.put(content(offset + i));
        }
        offset += length;
      }
      Files.write(Segment.path(folder, s), java.util.Arrays.copyOf(file.array(), file.position()));
    }
    boolean flipped = damage(random);
    long walked = 0;
    long at = random.nextInt(100);
    try (OutputReader reader = OutputReader.open(folder)) {
      for (int step = 0; step < 10_000; step++) {
        OutputRead read = reader.read(at, 1 + random.nextInt(300));
        switch (read) {
          case OutputRead.Chunks(List<OutputChunk> chunks) -> {
            assertThat(chunks).isNotEmpty();
            for (OutputChunk chunk : chunks) {
              assertThat(chunk.offset()).isEqualTo(at);
              if (!flipped) {
                for (int i = 0; i < chunk.data().length; i++) {
                  assertThat(chunk.data()[i]).isEqualTo(content(at + i));
                }
              }
              at = chunk.end();
              walked++;
            }
          }
          case OutputRead.Dropped(long until) -> {
            assertThat(until).isGreaterThan(at);
            at = until;
          }
          case OutputRead.Nothing() -> step = 10_000;
        }
      }
      assertThat(walked).isLessThan(10_000);
      reader.end();
    }
    long end;
    try (OutputWriter writer = OutputWriter.open(folder)) {
      end = writer.end();
      writer.append(Stream.STDOUT, 1, ByteBuffer.wrap(new byte[] {42}));
    }
    try (OutputReader reader = OutputReader.open(folder)) {
      assertThat(reader.end()).isEqualTo(end + 1);
      OutputRead last = reader.read(end, 1);
      assertThat(last).isInstanceOf(OutputRead.Chunks.class);
      assertThat(((OutputRead.Chunks) last).chunks().getFirst().data()).containsExactly(42);
    }
  }

  private static byte content(long offset) {
    return (byte) (offset * 31 + (offset >> 8));
  }

  /// Whether bytes were changed in place, not just cut off, added or removed.
  private boolean damage(Random random) throws IOException {
    boolean flipped = false;
    for (long number : Segment.list(folder)) {
      Path file = Segment.path(folder, number);
      byte[] bytes = Files.readAllBytes(file);
      switch (random.nextInt(8)) {
        case 0 -> Files.write(file, java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        case 1 -> {
          for (int i = 0; i < 1 + random.nextInt(4); i++) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          }
          Files.write(file, bytes);
          flipped = true;
        }
        case 2 -> {
          random.nextBytes(bytes);
          Files.write(file, bytes);
          flipped = true;
        }
        case 3 -> Files.delete(file);
        case 4 -> Files.write(file, new byte[0]);
        case 5 -> Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length + 30));
        default -> {}
      }
    }
    if (random.nextInt(4) == 0) {
      Files.writeString(folder.resolve("out.x"), "not a segment");
      Files.writeString(folder.resolve("out.007"), "nor this");
    }
    return flipped;
  }
}
