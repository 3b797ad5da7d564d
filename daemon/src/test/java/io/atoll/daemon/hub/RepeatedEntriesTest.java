package io.atoll.daemon.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RepeatedEntriesTest {
  private record Told(String who, String action, String object, String outcome, long times) {}

  private final List<Told> told = new CopyOnWriteArrayList<>();

  private RepeatedEntries refusals(Duration window) {
    return new RepeatedEntries(
        (who, action, object, outcome, times) ->
            told.add(new Told(who.who(), action, object, outcome, times)),
        window);
  }

  @Test
  void theFirstIsToldAtOnceAndTheRestTogether() throws Exception {
    try (RepeatedEntries refusals = refusals(Duration.ofHours(1))) {
      for (int i = 0; i < 1000; i++) {
        refusals.add(Caller.key("k1"), "GET /x", "t" + i, "DENIED");
      }
      refusals.add(Caller.key("k2"), "GET /x", "t", "DENIED");
      assertThat(told)
          .containsExactly(
              new Told("key k1", "GET /x", "t0", "DENIED", 1),
              new Told("key k2", "GET /x", "t", "DENIED", 1));
    }
    assertThat(told).hasSize(3).endsWith(new Told("key k1", "GET /x", "t999", "DENIED", 999));
  }

  @Test
  void afterAWhileAKindIsNewAgain() throws Exception {
    try (RepeatedEntries refusals = refusals(Duration.ofMillis(1))) {
      refusals.add(Caller.key("k1"), "GET /x", "a", "DENIED");
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                refusals.add(Caller.key("k1"), "GET /x", "b", "DENIED");
                return told.stream().mapToLong(Told::times).sum() >= 20 && told.size() > 3;
              });
    }
  }

  @Test
  void aFloodOfKindsIsOneOfThem() throws Exception {
    try (RepeatedEntries refusals = refusals(Duration.ofHours(1))) {
      for (int i = 0; i < 5000; i++) {
        refusals.add(new Caller("address 192.0.2." + i), "GET /x", "", "UNAUTHENTICATED");
      }
      assertThat(told).hasSize(RepeatedEntries.MOST_KINDS + 1);
    }
    assertThat(told).hasSize(RepeatedEntries.MOST_KINDS + 2);
    assertThat(told.stream().mapToLong(Told::times).sum()).isEqualTo(5000);
    assertThat(told.getLast().who()).isEqualTo("others");
  }
}
