package io.atoll.runtime.microvm;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.NetworkCard;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a network costs the start of a microVM: from the request to the end of a program that does
/// nothing, with a card and without, alternated. Arguments: rounds, and a seed that is not used.
public final class CardBenchmark {
  private static final Resources SIZE = new Resources(1000, 128L << 20, 0);
  private static final NetworkCard CARD =
      new NetworkCard(
          new NetworkId("n0123456789ab"),
          "net0",
          MacAddress.parse("02:77:00:00:00:10"),
          IpAddress.parse("10.77.0.5"),
          24,
          IpAddress.parse("fd77::5"),
          64,
          IpAddress.parse("10.77.0.1"),
          IpAddress.parse("fd77::1"),
          1380,
          "mynet.internal",
          "web");

  private CardBenchmark() {}

  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(args[0]);
    Path folder = Files.createTempDirectory("atoll-cards");
    Path runs = Files.createDirectory(folder.resolve("runs"));
    try (MicrovmDriver driver =
        new MicrovmDriver(TestGuests.settings(folder.resolve("state")), TestGuests.images())) {
      driver.awaitTemplate(SIZE, 0, Duration.ofSeconds(200));
      driver.awaitTemplate(SIZE, 1, Duration.ofSeconds(200));
      List<Long> without = new ArrayList<>();
      List<Long> with = new ArrayList<>();
      for (int i = -1; i < rounds; i++) {
        long bare = millis(driver, runs, List.of());
        long carded = millis(driver, runs, List.of(CARD));
        if (i >= 0) {
          without.add(bare);
          with.add(carded);
        }
      }
      without.sort(null);
      with.sort(null);
      System.out.printf(
          "microVM start to exit, n=%d: without a network p50 %d ms (%s), with one p50 %d ms (%s)%n",
          rounds, without.get(rounds / 2), without, with.get(rounds / 2), with);
    }
  }

  private static long millis(MicrovmDriver driver, Path runs, List<NetworkCard> cards)
      throws Exception {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    ActivitySpec spec =
        new ActivitySpec(
            id,
            TestGuests.workload(List.of("/bin/true"), Map.of(), SIZE, 16),
            runs.resolve(id.toString()),
            cards);
    long begin = System.nanoTime();
    Activity activity = driver.prepare(spec).start();
    if (activity.await().code() != 0) {
      throw new IllegalStateException("it ended with " + activity.await());
    }
    long millis = (System.nanoTime() - begin) / 1_000_000;
    activity.destroy();
    return millis;
  }
}
