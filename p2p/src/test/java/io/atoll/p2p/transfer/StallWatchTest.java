package io.atoll.p2p.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StallWatchTest {
  @Test
  void onlyAStepThatTakesTooLongEndsIt() throws Exception {
    var stalled = new CountDownLatch(1);
    try (var watch = new StallWatch(Duration.ofMillis(400), stalled::countDown)) {
      for (int i = 0; i < 20; i++) {
        watch.begin();
        Thread.sleep(30);
        watch.end();
      }
      assertThat(stalled.await(600, TimeUnit.MILLISECONDS)).as("between steps").isFalse();
      watch.begin();
      assertThat(stalled.await(10, TimeUnit.SECONDS)).as("in a step").isTrue();
    }
  }

  @Test
  void nothingHappensOnceItIsClosed() throws Exception {
    var stalled = new CountDownLatch(1);
    try (var watch = new StallWatch(Duration.ofMillis(100), stalled::countDown)) {
      watch.begin();
    }
    assertThat(stalled.await(300, TimeUnit.MILLISECONDS)).isFalse();
  }
}
