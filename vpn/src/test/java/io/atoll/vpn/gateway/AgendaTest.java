package io.atoll.vpn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AgendaTest {
  private static final class Thing extends Held {
    private long at = Long.MAX_VALUE;

    @Override
    void serve(long now) {
      at = Long.MAX_VALUE;
    }

    @Override
    long deadline() {
      return at;
    }
  }

  @Test
  void eachIsServedInTimeAndHeldOnce() {
    Random random = new Random(5);
    Agenda agenda = new Agenda();
    List<Thing> things = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      things.add(new Thing());
    }
    for (long now = 0; now < 20_000; now++) {
      Thing one = things.get(random.nextInt(things.size()));
      one.at = now + random.nextInt(1000);
      agenda.put(one);
      assertThat(agenda.size()).isLessThanOrEqualTo(things.size());
      for (Held due = agenda.due(now); due != null; due = agenda.due(now)) {
        assertThat(due.deadline()).isEqualTo(now);
        due.serve(now);
        agenda.put(due);
      }
      for (Thing thing : things) {
        assertThat(thing.at).isGreaterThan(now);
      }
    }
  }
}
