package io.atoll.daemon.provider;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.RunId;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.MessageStream;
import io.atoll.market.activity.UsageMessage;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Usage;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Tells the hub that ordered a run what it uses.
final class UsageService {
  private final Runs runs;
  private final OrderedRuns known;

  UsageService(Runs runs, OrderedRuns known) {
    this.runs = runs;
    this.known = known;
  }

  void serve(Host host) {
    host.handle(ActivityProtocol.USAGE, this::serve);
  }

  private void serve(Stream stream) throws IOException, InterruptedException {
    MessageStream<UsageMessage, UsageMessage> messages =
        new MessageStream<>(stream, UsageMessage.class);
    while (true) {
      Optional<UsageMessage> asked = messages.receive();
      if (asked.isEmpty()) {
        return;
      }
      if (asked.get() instanceof UsageMessage.Ask(RunId run)) {
        messages.send(answer(run, known.of(run.task(), stream.remote())));
      }
    }
  }

  private UsageMessage answer(RunId run, OrderedRuns.@Nullable Ordered ordered)
      throws InterruptedException {
    if (ordered == null || !ordered.run().equals(run)) {
      return new UsageMessage.Failed(
          ErrorCode.NOT_FOUND.name(),
          "the node does not run " + run,
          "it was deleted, replaced, or never began there");
    }
    try {
      Activity activity = runs.activity(run, ordered.workload());
      if (activity == null) {
        return new UsageMessage.Failed(
            ErrorCode.CONFLICT.name(), run + " has not begun", "ask again once it runs");
      }
      boolean ended = activity.state() == Activity.State.TERMINATED;
      Usage used = activity.usage();
      return new UsageMessage.Told(
          Instant.now(),
          ended,
          used.cpuNanos(),
          used.memory(),
          used.memoryPeak(),
          used.disk(),
          used.outputBytes());
    } catch (DriverException e) {
      return new UsageMessage.Failed(e.code().name(), e.text(), e.hint());
    }
  }
}
