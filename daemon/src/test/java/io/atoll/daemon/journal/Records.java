package io.atoll.daemon.journal;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.daemon.store.Rows;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunState;
import io.atoll.market.agreement.Terms;
import java.util.List;

/// Journal records of plausible size.
final class Records {
  private Records() {}

  static RunRecord run(long task, long counter, RunState state) {
    return new RunRecord(
        Rows.NODE,
        new Order(
            new RunId(Rows.id(task), new Epoch(1, counter)),
            Rows.workload(),
            Desired.RUN,
            10,
            3600,
            60,
            new Authority("k0123456789", List.of()),
            "{\"name\":\"a task, as its hub describes it\"}"),
        state,
        null,
        state.ordinal(),
        0,
        "",
        Rows.T0,
        state.ended() ? Rows.T0.plusSeconds(1) : null,
        state.ended() ? Exit.of((int) (counter % 256)) : null,
        List.of(),
        false,
        0,
        null,
        false);
  }

  static Agreement agreement(PeerId hub) {
    return new Agreement(
        hub,
        List.of("/ip4/127.0.0.1/tcp/7464"),
        new Terms(List.of("process"), false, true),
        Rows.T0);
  }
}
