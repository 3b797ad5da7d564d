package io.atoll.vpn.gateway.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// An end that means harm: whatever segments it sends, in whatever state, nothing breaks, nothing
/// grows, and what is answered is in proportion.
class SegmentFuzzTest {
  private static final TcpSettings SETTINGS = TcpSettings.usual(1460, 536).withRing(4096, 16384);

  @Test
  void anySegments() {
    Fuzz.rounds("segments", 20_000, SegmentFuzzTest::round);
  }

  private static void round(Random random) {
    TwoEnds ends = new TwoEnds(random, SETTINGS.withOptions(random.nextBoolean(), true));
    TwoEnds.End victim = ends.server;
    switch (random.nextInt(4)) {
      case 0 -> victim.tell(new TcpEvent.Open());
      case 1 -> {}
      default -> {
        ends.connect();
        victim.write(random.nextInt(20_000));
        ends.runUntil(() -> false, random.nextInt(40) * TwoEnds.MILLI);
        switch (random.nextInt(3)) {
          case 0 -> victim.tell(new TcpEvent.Shutdown());
          case 1 -> ends.client.tell(new TcpEvent.Shutdown());
          default -> {}
        }
      }
    }
    // What comes out of a forged segment has no meaning; only the machine's own order has.
    victim.checked = false;
    for (int i = 0; i < 20; i++) {
      victim.sent.clear();
      TcpSegment segment = segment(random, ends);
      ends.forge(victim, segment);
      assertThat(victim.sent.size()).isLessThan(64);
      ends.now += random.nextInt(4) == 0 ? TwoEnds.SECOND : random.nextInt(1000);
      if (random.nextInt(4) == 0) {
        victim.tell(new TcpEvent.Turn());
      }
      if (random.nextInt(8) == 0) {
        victim.tell(
            random.nextBoolean()
                ? new TcpEvent.TooBig(random.nextInt(2000), segment.ack())
                : new TcpEvent.Undeliverable(random.nextBoolean(), segment.ack()));
      }
    }
  }

  private static TcpSegment segment(Random random, TwoEnds ends) {
    TcpSegment mine = ends.server.last();
    TcpSegment theirs = ends.client.last();
    int seq = near(random, theirs == null ? random.nextInt() : theirs.seq() + theirs.span());
    int ack = near(random, mine == null ? random.nextInt() : mine.seq() + mine.span());
    int flags = random.nextInt(3) == 0 ? random.nextInt(64) : TcpSegment.ACK;
    int[] sack = new int[2 * random.nextInt(5)];
    for (int i = 0; i < sack.length; i++) {
      sack[i] = near(random, ack);
    }
    TcpOptions options =
        new TcpOptions(
            random.nextInt(4) == 0 ? random.nextInt(65_536) : 0,
            random.nextInt(20) - 1,
            random.nextBoolean(),
            random.nextInt(4) == 0,
            random.nextInt(),
            random.nextInt(),
            sack);
    int length = random.nextBoolean() ? 0 : random.nextInt(3000);
    return new TcpSegment(flags, seq, ack, random.nextInt(65_536), length, options);
  }

  private static int near(Random random, int number) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt();
      case 1 -> number + random.nextInt(20_000) - 10_000;
      default -> number + random.nextInt(3) - 1;
    };
  }

  @Test
  void anyBytesAreReadOrRefused() {
    Fuzz.rounds(
        "segment headers",
        50_000,
        random -> {
          byte[] bytes = new byte[random.nextInt(90)];
          random.nextBytes(bytes);
          if (bytes.length > 12 && random.nextInt(4) > 0) {
            bytes[12] = (byte) (5 + random.nextInt(11) << 4);
            for (int at = 20; at + 1 < bytes.length; at += 2 + random.nextInt(12)) {
              bytes[at] = (byte) random.nextInt(9);
              bytes[at + 1] = (byte) random.nextInt(13);
            }
          }
          TcpSegment read = TcpCodec.read(MemorySegment.ofArray(bytes), 0, bytes.length);
          if (read == null) {
            return;
          }
          assertThat(read.length()).isLessThanOrEqualTo(bytes.length - TcpCodec.LEAST_BYTES);
          byte[] again = new byte[TcpCodec.MOST_BYTES];
          int header = TcpCodec.write(MemorySegment.ofArray(again), 0, 1, 2, read);
          assertThat(header).isLessThanOrEqualTo(TcpCodec.MOST_BYTES);
          assertThat(TcpCodec.headerBytes(MemorySegment.ofArray(again), 0, header))
              .isEqualTo(header);
        });
  }

  @Test
  void whatIsWrittenIsRead() {
    Fuzz.rounds(
        "segment options",
        5_000,
        random -> {
          int[] sack = new int[2 * random.nextInt(3)];
          for (int i = 0; i < sack.length; i++) {
            sack[i] = random.nextInt();
          }
          TcpOptions options =
              new TcpOptions(
                  random.nextInt(65_536),
                  random.nextInt(16) - 1,
                  random.nextBoolean(),
                  true,
                  random.nextInt(),
                  random.nextInt(),
                  random.nextInt(2) == 0 ? new int[0] : sack.length > 2 ? new int[2] : sack);
          TcpSegment segment =
              new TcpSegment(
                  random.nextInt(64), random.nextInt(), random.nextInt(), 4711, 0, options);
          byte[] bytes = new byte[TcpCodec.MOST_BYTES];
          int header = TcpCodec.write(MemorySegment.ofArray(bytes), 0, 1, 2, segment);
          TcpSegment read = TcpCodec.read(MemorySegment.ofArray(bytes), 0, header);
          assertThat(read).usingRecursiveComparison().isEqualTo(segment);
        });
  }
}
