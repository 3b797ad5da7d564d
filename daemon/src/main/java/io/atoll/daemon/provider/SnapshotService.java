package io.atoll.daemon.provider;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.RunId;
import io.atoll.core.term.SnapshotName;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.MessageStream;
import io.atoll.market.activity.SnapshotMessage;
import io.atoll.market.activity.SnapshotMessage.Verb;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Snapshots;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Keeps, brings back and gives up snapshots for the hub that ordered a run. What was begun is done
/// to its end, whether or not the hub still listens.
final class SnapshotService {
  private final Runs runs;
  private final OrderedRuns known;

  SnapshotService(Runs runs, OrderedRuns known) {
    this.runs = runs;
    this.known = known;
  }

  void serve(Host host) {
    host.handle(ActivityProtocol.SNAPSHOT, this::serve);
  }

  private void serve(Stream stream) throws IOException, InterruptedException {
    MessageStream<SnapshotMessage, SnapshotMessage> messages =
        new MessageStream<>(stream, SnapshotMessage.class);
    while (true) {
      Optional<SnapshotMessage> asked = messages.receive();
      if (asked.isEmpty()) {
        return;
      }
      if (asked.get() instanceof SnapshotMessage.Ask ask) {
        messages.send(answer(ask, known.of(ask.run().task(), stream.remote())));
      }
    }
  }

  private SnapshotMessage answer(SnapshotMessage.Ask ask, OrderedRuns.@Nullable Ordered ordered)
      throws InterruptedException {
    RunId run = ask.run();
    if (ordered == null || !ordered.run().equals(run)) {
      return failed(
          ErrorCode.NOT_FOUND,
          "the node does not run " + run,
          "it was deleted, replaced, or never began there");
    }
    try {
      Activity activity = runs.activity(run, ordered.workload());
      if (activity == null) {
        return failed(ErrorCode.CONFLICT, run + " has not begun", "ask again once it runs");
      }
      if (!(activity instanceof Snapshots snapshots)) {
        return failed(
            ErrorCode.BAD_REQUEST,
            "driver " + ordered.workload().driver() + " keeps no snapshots",
            "virtual machines (driver vm) have them");
      }
      obey(snapshots, ask.verb(), ask.name());
      return new SnapshotMessage.Told(
          snapshots.snapshots().stream()
              .map(kept -> new SnapshotMessage.Kept(kept.name(), kept.takenAt(), kept.bytes()))
              .toList());
    } catch (DriverException e) {
      return failed(e.code(), e.text(), e.hint());
    }
  }

  private static void obey(Snapshots snapshots, Verb verb, @Nullable SnapshotName name)
      throws DriverException, InterruptedException {
    switch (verb) {
      case LIST -> {}
      case TAKE -> {
        var _ = snapshots.takeSnapshot(Objects.requireNonNull(name));
      }
      case RESTORE -> snapshots.restoreSnapshot(Objects.requireNonNull(name));
      case REMOVE -> snapshots.removeSnapshot(Objects.requireNonNull(name));
    }
  }

  private static SnapshotMessage failed(ErrorCode code, String message, String hint) {
    return new SnapshotMessage.Failed(code.name(), message, hint);
  }
}
