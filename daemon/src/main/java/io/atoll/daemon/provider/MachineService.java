package io.atoll.daemon.provider;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.MachineMessage;
import io.atoll.market.activity.MachineMessage.Running;
import io.atoll.market.activity.MachineMessage.Tasks;
import io.atoll.market.activity.MessageStream;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;

/// Tells hubs that this provider joined what its machine is and does. Of the tasks of others a
/// hub hears how many there are.
final class MachineService {
  /// More does not go into one answer; a machine with so many tasks is one of tests.
  private static final int MOST_TASKS = 4096;

  private final Predicate<PeerId> hubs;
  private final MachineReadings readings;
  private final OrderedRuns runs;

  MachineService(Predicate<PeerId> hubs, MachineReadings readings, OrderedRuns runs) {
    this.hubs = hubs;
    this.readings = readings;
    this.runs = runs;
  }

  void serve(Host host) {
    host.handle(ActivityProtocol.MACHINE, this::serve);
  }

  private void serve(Stream stream) throws IOException, InterruptedException {
    MessageStream<MachineMessage, MachineMessage> messages =
        new MessageStream<>(stream, MachineMessage.class, MachineMessage.MAX_FRAME);
    while (true) {
      Optional<MachineMessage> asked = messages.receive();
      if (asked.isEmpty()) {
        return;
      }
      if (asked.get() instanceof MachineMessage.Ask(MachineMessage.Part part)) {
        messages.send(answer(part, stream.remote()));
      }
    }
  }

  private MachineMessage answer(MachineMessage.Part part, PeerId hub) throws InterruptedException {
    if (!hubs.test(hub)) {
      return new MachineMessage.Failed(
          ErrorCode.DENIED.name(),
          "this provider has not joined the hub that asks",
          "join it first: atoll join INVITE");
    }
    try {
      return switch (part) {
        case FACTS -> readings.facts();
        case USAGE -> readings.usage();
        case TASKS -> tasks(hub);
      };
    } catch (IOException e) {
      return new MachineMessage.Failed(
          ErrorCode.INTERNAL.name(),
          "the node cannot read its own machine: " + e.getMessage(),
          "look there: atoll doctor");
    }
  }

  private Tasks tasks(PeerId hub) {
    return new Tasks(
        runs.open(hub).stream()
            .limit(MOST_TASKS)
            .map(
                ordered ->
                    new Running(
                        ordered.run().task(),
                        ordered.run().epoch(),
                        ordered.workload().driver(),
                        ordered.state(),
                        ordered.workload().resources()))
            .toList(),
        runs.openOfOthers(hub));
  }
}
