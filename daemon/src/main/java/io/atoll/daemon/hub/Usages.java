package io.atoll.daemon.hub;

import io.atoll.client.api.TaskStats;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.MessageStream;
import io.atoll.market.activity.UsageMessage;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Asks nodes what runs use. Nothing is kept: who wants a history asks again.
final class Usages {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Host host;

  Usages(Host host) {
    this.host = host;
  }

  TaskStats ask(TaskView task) throws InterruptedException {
    PeerId node = task.node();
    Epoch epoch = task.epoch();
    if (node == null || epoch == null) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "task " + task.id() + " has no run that could use anything",
          "see why: atoll task show " + task.id());
    }
    RunId run = new RunId(task.id(), epoch);
    try (Stream stream = host.open(node, ActivityProtocol.USAGE);
        Deadline _ = new Deadline(PATIENCE, stream::reset)) {
      MessageStream<UsageMessage, UsageMessage> messages =
          new MessageStream<>(stream, UsageMessage.class);
      messages.send(new UsageMessage.Ask(run));
      Optional<UsageMessage> answer = messages.receive();
      if (answer.isEmpty() || answer.get() instanceof UsageMessage.Ask) {
        throw new IOException("no answer");
      }
      return switch (answer.get()) {
        case UsageMessage.Told told -> stats(task, epoch, told);
        case UsageMessage.Failed(String code, String message, String hint) ->
            throw new AtollException(code(code), message, hint);
        case UsageMessage.Ask _ -> throw new IllegalStateException("was refused above");
      };
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "node " + task.nodeName() + ", which has " + run + ", does not say what it uses",
          "is it connected, and as new as the hub? atoll node show " + task.nodeName(),
          e);
    }
  }

  private static TaskStats stats(TaskView task, Epoch run, UsageMessage.Told told) {
    Resources limits = task.spec().workload().resources();
    return new TaskStats(
        task.id(),
        task.name(),
        task.state(),
        run,
        told.at(),
        told.ended(),
        known(told.cpuNanos()),
        limits.cpuMillis(),
        known(told.memory()),
        known(told.memoryPeak()),
        limits.memory(),
        known(told.disk()),
        known(told.output()));
  }

  private static @Nullable Long known(long figure) {
    return figure < 0 ? null : figure;
  }

  private static ErrorCode code(String text) {
    try {
      return ErrorCode.valueOf(text);
    } catch (IllegalArgumentException e) {
      return ErrorCode.INTERNAL;
    }
  }
}
