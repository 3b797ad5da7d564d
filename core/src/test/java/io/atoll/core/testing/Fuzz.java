package io.atoll.core.testing;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Rounds of random input with a seed that is printed. `-Datoll.fuzz.rounds=N` and
/// `-Datoll.fuzz.seed=S` make a long run, or repeat one.
public final class Fuzz {
  /// No parser needs so much of a processor for one input.
  private static final long CPU_SECONDS = 10;

  /// Nor waits so long, however busy the machine.
  private static final long SECONDS = 300;

  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    4,
    7,
    8,
    127,
    128,
    255,
    256,
    511,
    512,
    513,
    4095,
    4096,
    65535,
    65536,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xffffffffL,
    1L << 32,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };
  private static final String[] WORDS = {
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "-1",
    "0",
    "1e999",
    "9223372036854775807",
    "-0",
    "\\u0000",
    "\\ud800",
    "..",
    "/",
    "../../x",
    "sha256:",
    "[[[[[[[[",
    "{\"a\":{\"a\":{",
    "\n",
    "\0",
    "00000000000",
    "77777777777"
  };

  private Fuzz() {}

  @FunctionalInterface
  public interface Round {
    void run(Random random) throws Exception;
  }

  /// Each round has a seed of its own, which the failure names: a single round can be repeated with
  /// `rounds=1` and that seed. A round that does not end is interrupted and fails; if it goes on
  /// even then, the whole process ends.
  public static void rounds(String what, int rounds, Round round) {
    long first = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int count = Integer.getInteger("atoll.fuzz.rounds", rounds);
    System.out.println("fuzz " + what + ": " + count + " rounds from seed " + first);
    try (Watch watch = new Watch(what)) {
      for (int i = 0; i < count; i++) {
        long seed = first + i;
        try {
          watch.begin(seed);
          round.run(new Random(mixed(seed)));
          watch.end();
        } catch (Exception | Error e) {
          throw new AssertionError("fuzz " + what + " failed with -Datoll.fuzz.seed=" + seed, e);
        }
      }
    }
  }

  /// Neighbouring seeds of `Random` make the same first choices; SplitMix64 sets them apart.
  private static long mixed(long seed) {
    long z = seed + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /// Looks at the running round now and then.
  private static final class Watch implements AutoCloseable {
    private final String what;
    private final Thread worker = Thread.currentThread();
    private final Thread watcher;
    private volatile long begun;
    private volatile long seed;
    private volatile boolean late;
    private long seen; // used by the watcher alone, like the next
    private long cpuSeen;

    Watch(String what) {
      this.what = what;
      this.watcher = Thread.ofPlatform().daemon().name("fuzz watch").start(this::watch);
    }

    void begin(long next) {
      seed = next;
      begun = System.nanoTime();
    }

    void end() {
      begun = 0;
      if (late) {
        throw new AssertionError(
            "it took more than " + CPU_SECONDS + " s of a processor, or " + SECONDS + " s in all");
      }
    }

    private void watch() {
      try {
        while (true) {
          Thread.sleep(1000);
          if (over(1) && !late) {
            late = true;
            System.err.println("fuzz " + what + " hangs with -Datoll.fuzz.seed=" + seed);
            for (StackTraceElement frame : worker.getStackTrace()) {
              System.err.println("  at " + frame);
            }
            worker.interrupt();
          }
          if (over(3)) {
            Runtime.getRuntime().halt(1);
          }
        }
      } catch (InterruptedException e) {
        // All rounds are over.
      }
    }

    private boolean over(int times) {
      long since = begun;
      if (since == 0 || System.nanoTime() - since < TimeUnit.SECONDS.toNanos(times * CPU_SECONDS)) {
        return false;
      }
      long used = cpu() - cpuBegun(since);
      // Seen late, a round has this much of a processor from then on.
      return used > TimeUnit.SECONDS.toNanos(times * CPU_SECONDS)
          || System.nanoTime() - since > TimeUnit.SECONDS.toNanos(times * SECONDS);
    }

    /// What the worker had used when the running round was first seen; asking in each round would
    /// cost more than most rounds do.
    private long cpuBegun(long since) {
      if (seen != since) {
        seen = since;
        cpuSeen = cpu();
      }
      return cpuSeen;
    }

    private long cpu() {
      return ManagementFactory.getThreadMXBean().getThreadCpuTime(worker.threadId());
    }

    @Override
    public void close() {
      watcher.interrupt();
    }
  }

  /// Bytes that a parser might meet: noise, or a valid sample with some of it changed, cut,
  /// doubled, mixed with another, or with other numbers and words in its fields.
  public static byte[] bytes(Random random, List<byte[]> samples) {
    if (samples.isEmpty() || random.nextInt(16) == 0) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] bytes = samples.get(random.nextInt(samples.size())).clone();
    // Mostly little, so that much of the sample holds and what lies deep is reached.
    for (int changes = random.nextInt(1 + random.nextInt(6)); changes >= 0; changes--) {
      if (bytes.length == 0) {
        break;
      }
      bytes = changed(random, bytes, samples);
    }
    return bytes;
  }

  private static byte[] changed(Random random, byte[] bytes, List<byte[]> samples) {
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(12)) {
      case 0, 1 -> with(bytes, at, (byte) (bytes[at] ^ 1 << random.nextInt(8)));
      case 2 -> with(bytes, at, (byte) random.nextInt(256));
      case 3 -> Arrays.copyOf(bytes, at);
      case 4 -> joined(bytes, bytes.length, bytes, 0, at);
      case 5, 6 -> number(random, bytes);
      case 7 -> word(random, bytes, at);
      case 8 -> digits(random, bytes, at);
      case 9 -> {
        // A piece is left out.
        int end = Math.min(bytes.length, at + 1 + random.nextInt(64));
        yield joined(bytes, at, bytes, end, bytes.length);
      }
      case 10 -> {
        byte[] other = samples.get(random.nextInt(samples.size()));
        int from = other.length == 0 ? 0 : random.nextInt(other.length);
        yield joined(bytes, at, other, from, other.length);
      }
      default -> {
        // A piece twice, as where a field or a member comes again.
        int end = Math.min(bytes.length, at + 1 + random.nextInt(64));
        byte[] until = Arrays.copyOf(bytes, end);
        yield joined(until, end, bytes, at, bytes.length);
      }
    };
  }

  private static byte[] with(byte[] bytes, int at, byte value) {
    bytes[at] = value;
    return bytes;
  }

  private static byte[] joined(byte[] first, int length, byte[] second, int from, int to) {
    byte[] all = Arrays.copyOf(first, length + to - from);
    System.arraycopy(second, from, all, length, to - from);
    return all;
  }

  /// A number of one of the usual widths, aligned as in headers.
  private static byte[] number(Random random, byte[] bytes) {
    int width = 1 << random.nextInt(4);
    if (bytes.length < width) {
      return bytes;
    }
    int at = random.nextInt(bytes.length / width) * width;
    long value = NUMBERS[random.nextInt(NUMBERS.length)];
    ByteBuffer into =
        ByteBuffer.wrap(bytes)
            .order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    switch (width) {
      case 1 -> into.put(at, (byte) value);
      case 2 -> into.putShort(at, (short) value);
      case 4 -> into.putInt(at, (int) value);
      default -> into.putLong(at, value);
    }
    return bytes;
  }

  private static byte[] word(Random random, byte[] bytes, int at) {
    byte[] word = WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.US_ASCII);
    if (random.nextBoolean()) {
      System.arraycopy(word, 0, bytes, at, Math.min(word.length, bytes.length - at));
      return bytes;
    }
    byte[] head = joined(bytes, at, word, 0, word.length);
    return joined(head, head.length, bytes, at, bytes.length);
  }

  /// Another number where digits are, as lengths in tars and sizes in JSON are written.
  private static byte[] digits(Random random, byte[] bytes, int from) {
    int start = from;
    while (start < bytes.length && !digit(bytes[start])) {
      start++;
    }
    int end = start;
    while (end < bytes.length && digit(bytes[end])) {
      end++;
    }
    if (start == end) {
      return bytes;
    }
    @Nullable String text = null;
    if (random.nextBoolean()) {
      text = Long.toString(NUMBERS[random.nextInt(NUMBERS.length)]);
    }
    if (text == null) {
      // As wide as it was: what lies behind stays in its place.
      for (int i = start; i < end; i++) {
        bytes[i] = (byte) ('0' + random.nextInt(8));
      }
      return bytes;
    }
    byte[] value = text.getBytes(StandardCharsets.US_ASCII);
    byte[] head = joined(bytes, start, value, 0, value.length);
    return joined(head, head.length, bytes, end, bytes.length);
  }

  private static boolean digit(byte b) {
    return b >= '0' && b <= '9';
  }
}
