package io.atoll.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PullProgressTest {
  private final AtomicLong clock = new AtomicLong();
  private final List<String> told = new ArrayList<>();
  private final PullProgress progress =
      new PullProgress("app:1", (image, line) -> told.add(line), clock::get);

  @Test
  void layersAreSummedAndUnpackedAfterwards() throws IOException {
    take("a", "Downloading", 1_500_000, 4_000_000);
    clock.addAndGet(1_000_000_000L);
    take("b", "Downloading", 500_000, 26_000_000);
    clock.addAndGet(1_000_000_000L);
    take("a", "Download complete", 0, 0);
    clock.addAndGet(1_000_000_000L);
    take("b", "Download complete", 0, 0);
    clock.addAndGet(1_000_000_000L);
    take("b", "Extracting", 13_000_000, 26_000_000);
    assertThat(told)
        .containsExactly(
            "pulling app:1",
            "pulling app:1: 2.0MB/30MB",
            "pulling app:1: 4.5MB/30MB",
            "pulling app:1: 30MB/30MB",
            "unpacking app:1: 13MB/26MB");
  }

  @Test
  void atMostOneLineASecond() throws IOException {
    for (int i = 1; i <= 10_000; i++) {
      clock.addAndGet(1_000_000L);
      take("a", "Downloading", i * 1000L, 10_000_000);
    }
    assertThat(told).hasSize(11);
  }

  @Test
  void linesOfAnotherShapeAreNoTrouble() throws IOException {
    clock.addAndGet(2_000_000_000L);
    progress.take(Json.mapper().readTree("{\"status\":\"Downloading\"}"));
    progress.take(Json.mapper().readTree("[]"));
    progress.take(Json.mapper().readTree("{\"id\":7,\"progressDetail\":\"?\"}"));
    assertThat(told).containsExactly("pulling app:1", "pulling app:1");
  }

  private void take(String layer, String status, long current, long total) throws IOException {
    String detail = total == 0 ? "{}" : "{\"current\":" + current + ",\"total\":" + total + "}";
    progress.take(
        Json.mapper()
            .readTree(
                "{\"id\":\""
                    + layer
                    + "\",\"status\":\""
                    + status
                    + "\",\"progressDetail\":"
                    + detail
                    + "}"));
  }
}
