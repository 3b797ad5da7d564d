package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.daemon.store.RunRow;
import io.atoll.market.activity.RunReport;
import java.time.Instant;
import java.util.List;

/// Run rows as they follow from one another.
final class Rows {
  private Rows() {}

  static RunRow placed(RunId id, PeerId node, Instant at) {
    return new RunRow(id, node, null, 0, false, at, null, null, null, List.of(), "");
  }

  static RunRow reported(RunRow run, RunReport report) {
    return new RunRow(
        run.id(),
        run.node(),
        report.state(),
        report.seq(),
        false,
        run.placedAt(),
        report.startedAt() == null ? run.startedAt() : report.startedAt(),
        null,
        null,
        report.endpoints(),
        report.detail(),
        report.deep());
  }

  static RunRow closed(RunRow run, Exit exit, Instant at) {
    return new RunRow(
        run.id(),
        run.node(),
        run.state(),
        run.seq(),
        true,
        run.placedAt(),
        run.startedAt(),
        at,
        exit,
        run.endpoints(),
        exit.detail());
  }

  /// A run that was given up turned out to be alive.
  static RunRow reopened(RunRow run) {
    return new RunRow(
        run.id(),
        run.node(),
        run.state(),
        run.seq(),
        false,
        run.placedAt(),
        run.startedAt(),
        null,
        null,
        run.endpoints(),
        "");
  }
}
