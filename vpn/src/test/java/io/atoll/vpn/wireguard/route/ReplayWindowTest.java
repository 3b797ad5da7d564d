package io.atoll.vpn.wireguard.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {
  private static final long SIZE = ReplayWindow.SIZE;

  /// As wireguard-go tests its own.
  @Test
  void eachCounterComesOnce() {
    ReplayWindow window = new ReplayWindow();
    assertThat(window.accept(0)).isTrue();
    assertThat(window.accept(1)).isTrue();
    assertThat(window.accept(1)).isFalse();
    assertThat(window.accept(9)).isTrue();
    assertThat(window.accept(8)).isTrue();
    assertThat(window.accept(7)).isTrue();
    assertThat(window.accept(7)).isFalse();
    assertThat(window.accept(SIZE)).isTrue();
    assertThat(window.accept(SIZE - 1)).isTrue();
    assertThat(window.accept(SIZE - 1)).isFalse();
    assertThat(window.accept(SIZE + 1)).isTrue();
    assertThat(window.accept(2)).isTrue();
    assertThat(window.accept(0)).isFalse();
    assertThat(window.accept(SIZE + 16)).isTrue();
    assertThat(window.accept(15)).as("too late").isFalse();
    assertThat(window.accept(16)).isTrue();
    assertThat(window.accept(1L << 60)).isTrue();
    assertThat(window.accept((1L << 60) - SIZE)).isTrue();
    assertThat(window.accept((1L << 60) - SIZE - 1)).isFalse();
  }

  @Test
  void itDoesWhatASetWouldDo() {
    Fuzz.rounds(
        "replay window",
        300,
        random -> {
          ReplayWindow window = new ReplayWindow();
          Set<Long> seen = new HashSet<>();
          long highest = -1;
          long base = random.nextInt(10) == 0 ? random.nextLong() >>> 2 : random.nextInt(100);
          for (int i = 0; i < 500; i++) {
            long counter =
                switch (random.nextInt(5)) {
                  case 0 -> base + random.nextInt(40_000);
                  case 1 -> Math.max(0, highest - random.nextInt(10_000));
                  case 2 -> Math.max(0, highest - SIZE + random.nextInt(5) - 2);
                  default -> highest + 1 + random.nextInt(3);
                };
            boolean expected = (highest - counter <= SIZE) && seen.add(counter);
            assertThat(window.accept(counter)).as("counter " + counter).isEqualTo(expected);
            highest = Math.max(highest, counter);
          }
        });
  }
}
