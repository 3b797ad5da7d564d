package io.atoll.daemon.hub;

import io.atoll.client.api.SnapshotList;
import io.atoll.client.api.SnapshotView;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.RunId;
import io.atoll.core.term.SnapshotName;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.MessageStream;
import io.atoll.market.activity.SnapshotMessage;
import io.atoll.market.activity.SnapshotMessage.Verb;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Has nodes keep, bring back and give up snapshots of runs. The hub keeps nothing of it: snapshots
/// are the run's, and go with it.
final class RunSnapshots {
  private static final Duration QUICK = Duration.ofSeconds(20);

  /// As long as a node may write a machine's memory, and a little more.
  private static final Duration LONG = Duration.ofMinutes(10);

  private final Host host;

  RunSnapshots(Host host) {
    this.host = host;
  }

  /// @param name of the one that it is about; null for LIST
  SnapshotList ask(TaskView task, Verb verb, @Nullable SnapshotName name)
      throws InterruptedException {
    PeerId node = task.node();
    Epoch epoch = task.epoch();
    if (node == null || epoch == null) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "task " + task.id() + " has no run that could have snapshots",
          "see why: atoll task show " + task.id());
    }
    RunId run = new RunId(task.id(), epoch);
    try (Stream stream = host.open(node, ActivityProtocol.SNAPSHOT);
        Deadline _ = new Deadline(verb == Verb.LIST ? QUICK : LONG, stream::reset)) {
      MessageStream<SnapshotMessage, SnapshotMessage> messages =
          new MessageStream<>(stream, SnapshotMessage.class);
      messages.send(new SnapshotMessage.Ask(run, verb, name));
      Optional<SnapshotMessage> answer = messages.receive();
      if (answer.isEmpty()) {
        throw new IOException("no answer");
      }
      return switch (answer.get()) {
        case SnapshotMessage.Told told ->
            new SnapshotList(
                told.snapshots().stream()
                    .map(kept -> new SnapshotView(kept.name(), kept.takenAt(), kept.bytes()))
                    .toList());
        case SnapshotMessage.Failed(String code, String message, String hint) ->
            throw new AtollException(code(code), message, hint);
        case SnapshotMessage.Ask _ -> throw new IOException("a question for an answer");
      };
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "node " + task.nodeName() + ", which has " + run + ", did not answer about its snapshots",
          "is it connected, and as new as the hub? atoll node show "
              + task.nodeName()
              + "; then see what there is: atoll snapshot list "
              + task.id(),
          e);
    }
  }

  private static ErrorCode code(String text) {
    try {
      return ErrorCode.valueOf(text);
    } catch (IllegalArgumentException e) {
      return ErrorCode.INTERNAL;
    }
  }
}
