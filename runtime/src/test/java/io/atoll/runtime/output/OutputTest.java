package io.atoll.runtime.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.OutputChunk.Stream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTest {
  @TempDir Path folder;

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  @Test
  void theFormatIsTheOneDrawnInThePackage() throws IOException {
    try (OutputWriter writer = OutputWriter.open(folder)) {
      writer.append(Stream.STDOUT, 0x0102030405060708L, bytes("ab"));
      writer.append(Stream.STDERR, 0x1112131415161718L, bytes("c"));
    }
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(folder.resolve("out.0"))))
        .isEqualTo(
            "0000000000000000"
                + "0102030405060708"
                + "01000000"
                + "00000002"
                + "6162"
                + "0000000000000002"
                + "1112131415161718"
                + "02000000"
                + "00000001"
                + "63");
  }

  @Test
  void readsFromAnyOffset() throws IOException {
    try (OutputWriter writer = OutputWriter.open(folder);
        OutputReader reader = OutputReader.open(folder)) {
      writer.append(Stream.STDOUT, 1_500_000_000, bytes("hello"));
      writer.append(Stream.STDERR, 2_000_000_001, bytes("world"));

      OutputRead.Chunks all = (OutputRead.Chunks) reader.read(0, 100);
      assertThat(all.chunks()).hasSize(2);
      assertThat(all.chunks().get(0).time()).isEqualTo(Instant.ofEpochSecond(1, 500_000_000));
      assertThat(all.chunks().get(1).stream()).isEqualTo(Stream.STDERR);
      for (int from = 0; from < 10; from++) {
        for (int limit = 1; limit < 12; limit++) {
          String expected = "helloworld".substring(from, Math.min(10, from + limit));
          assertThat(text(reader.read(from, limit), from)).isEqualTo(expected);
        }
      }
      assertThat(reader.read(10, 1)).isEqualTo(new OutputRead.Nothing());
      assertThat(reader.read(11_000_000, 1)).isEqualTo(new OutputRead.Nothing());
      assertThat(reader.end()).isEqualTo(10);
    }
  }

  private static String text(OutputRead read, long from) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long at = from;
    for (OutputChunk chunk : ((OutputRead.Chunks) read).chunks()) {
      assertThat(chunk.offset()).isEqualTo(at);
      out.writeBytes(chunk.data());
      at = chunk.end();
    }
    return out.toString(UTF_8);
  }

  @Test
  void nothingBeforeTheFolderIsThereAndAfterItIsGone() throws IOException {
    Path later = folder.resolve("later");
    try (OutputReader reader = OutputReader.open(later)) {
      assertThat(reader.read(0, 10)).isEqualTo(new OutputRead.Nothing());
      assertThat(reader.end()).isZero();
      Files.createDirectory(later);
      try (OutputWriter writer = OutputWriter.open(later)) {
        writer.append(Stream.STDOUT, 1, bytes("x"));
      }
      assertThat(text(reader.read(0, 10), 0)).isEqualTo("x");
      Files.delete(later.resolve("out.0"));
      Files.delete(later);
      assertThat(reader.read(1, 10)).isEqualTo(new OutputRead.Nothing());
    }
    try (OutputReader reader = OutputReader.open(later)) {
      assertThatThrownBy(() -> reader.read(-1, 1)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> reader.read(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aHalfRecordIsNotReadAndAReopenedWriterReplacesIt() throws IOException {
    try (OutputWriter writer = OutputWriter.open(folder)) {
      writer.append(Stream.STDOUT, 1, bytes("whole"));
      writer.append(Stream.STDOUT, 2, bytes("half-written"));
    }
    Path file = folder.resolve("out.0");
    byte[] full = Files.readAllBytes(file);
    for (int cut = 24 + 5; cut < full.length; cut++) {
      Files.write(file, java.util.Arrays.copyOf(full, cut));
      try (OutputReader reader = OutputReader.open(folder)) {
        assertThat(text(reader.read(0, 100), 0)).isEqualTo("whole");
        assertThat(reader.end()).isEqualTo(5);
        try (OutputWriter writer = OutputWriter.open(folder)) {
          assertThat(writer.end()).isEqualTo(5);
          assertThat(writer.lastTime()).isEqualTo(1);
          writer.append(Stream.STDERR, 3, bytes("again"));
        }
        assertThat(text(reader.read(5, 100), 5)).isEqualTo("again");
        assertThat(reader.end()).isEqualTo(10);
      }
    }
  }

  @Test
  void keepsSixteenSegmentsAndTellsWhatIsLost() throws IOException {
    byte[] block = new byte[1 << 20];
    try (OutputWriter writer = OutputWriter.open(folder);
        OutputReader behind = OutputReader.open(folder)) {
      writer.append(Stream.STDOUT, 1, bytes("first"));
      assertThat(text(behind.read(0, 100), 0)).isEqualTo("first");
      for (int i = 0; i < 80; i++) {
        writer.append(Stream.STDOUT, i, ByteBuffer.wrap(block));
      }
      assertThat(Segment.list(folder)).hasSize(16);
      long kept = ((OutputRead.Dropped) OutputReader.open(folder).read(0, 10)).until();
      assertThat(kept).isBetween(10L << 20, 20L << 20);
      // One that read the first segment can still read it to its end; then it is told.
      long at = 5;
      OutputRead read = behind.read(at, 1 << 16);
      while (read instanceof OutputRead.Chunks(var chunks)) {
        at = chunks.getLast().end();
        read = behind.read(at, 1 << 16);
      }
      assertThat(at).isBetween(4L << 20, 5L << 20);
      assertThat(read).isEqualTo(new OutputRead.Dropped(kept));
      assertThat(behind.read(kept, 1)).isInstanceOf(OutputRead.Chunks.class);
      assertThat(behind.end()).isEqualTo(writer.end()).isEqualTo(5 + (80L << 20));
    }
  }

  @Test
  void countsEachStreamAlsoWhereSegmentsAreGone() throws IOException {
    long out = 0;
    long err = 0;
    Random random = new Random(3);
    OutputWriter writer = OutputWriter.open(folder);
    for (int i = 0; i < 300; i++) {
      byte[] piece = new byte[1 + random.nextInt(700_000)];
      boolean toOut = random.nextInt(3) == 0;
      writer.append(toOut ? Stream.STDOUT : Stream.STDERR, i, ByteBuffer.wrap(piece));
      out += toOut ? piece.length : 0;
      err += toOut ? 0 : piece.length;
      if (i % 29 == 0) {
        writer.close();
        writer = OutputWriter.open(folder);
      }
      assertThat(writer.written(Stream.STDOUT)).isEqualTo(out);
      assertThat(writer.written(Stream.STDERR)).isEqualTo(err);
    }
    writer.close();
    assertThat(Segment.list(folder).getFirst()).isPositive();
  }

  @Test
  void aDamagedSegmentCostsNoMoreThanItself() throws IOException {
    try (OutputWriter writer = OutputWriter.open(folder)) {
      for (int i = 0; i < 3; i++) {
        writer.append(Stream.STDOUT, i, ByteBuffer.wrap(new byte[Segment.FULL]));
      }
    }
    assertThat(Segment.list(folder)).containsExactly(0L, 1L, 2L);
    long second = 0;
    try (OutputReader reader = OutputReader.open(folder);
        Segment segment = Segment.open(folder, 1)) {
      second = segment.next().offset();
      assertThat(reader.end()).isEqualTo(3L * Segment.FULL);
    }
    byte[] noise = new byte[Segment.FULL];
    new Random(7).nextBytes(noise);
    Files.write(folder.resolve("out.1"), noise);
    try (OutputReader reader = OutputReader.open(folder)) {
      OutputRead read = reader.read(second, 10);
      assertThat(read).isInstanceOf(OutputRead.Dropped.class);
      long until = ((OutputRead.Dropped) read).until();
      assertThat(reader.read(until, 10)).isInstanceOf(OutputRead.Chunks.class);
      assertThat(reader.read(second - 1, 10)).isInstanceOf(OutputRead.Chunks.class);
    }
  }

  @Test
  void aFollowerSeesEveryByteInOrder() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    int total = 24 << 20;
    MessageDigest written = MessageDigest.getInstance("SHA-256");
    CompletableFuture<byte[]> followed = new CompletableFuture<>();
    Thread follower =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (OutputReader reader = OutputReader.open(folder)) {
                    MessageDigest seen = MessageDigest.getInstance("SHA-256");
                    long at = 0;
                    while (at < total) {
                      OutputRead read = reader.await(at, 1 << 17, Duration.ofSeconds(10));
                      for (OutputChunk chunk : ((OutputRead.Chunks) read).chunks()) {
                        assertThat(chunk.offset()).isEqualTo(at);
                        seen.update(chunk.data());
                        at = chunk.end();
                      }
                    }
                    followed.complete(seen.digest());
                  } catch (Throwable e) {
                    followed.completeExceptionally(e);
                  }
                });
    Random random = new Random(seed);
    OutputWriter writer = OutputWriter.open(folder);
    int left = total;
    while (left > 0) {
      byte[] piece = new byte[Math.min(left, 1 + random.nextInt(1 << random.nextInt(18)))];
      random.nextBytes(piece);
      written.update(piece);
      writer.append(
          random.nextBoolean() ? Stream.STDOUT : Stream.STDERR, left, ByteBuffer.wrap(piece));
      left -= piece.length;
      if (random.nextInt(500) == 0) {
        writer.close();
        Path file = Segment.path(folder, Segment.list(folder).getLast());
        byte[] half = new byte[random.nextInt(40)];
        random.nextBytes(half);
        Files.write(file, half, StandardOpenOption.APPEND);
        writer = OutputWriter.open(folder);
      }
    }
    writer.close();
    follower.join();
    assertThat(followed.get()).isEqualTo(written.digest());
  }

  @Test
  void waitingEndsWithPatience() throws Exception {
    try (OutputReader reader = OutputReader.open(folder)) {
      long began = System.nanoTime();
      assertThat(reader.await(0, 1, Duration.ofMillis(60))).isEqualTo(new OutputRead.Nothing());
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(50));
    }
  }
}
