package io.atoll.daemon.hub.machine;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.time.Now;
import io.atoll.daemon.sim.SimStore;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.RunState;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;

/// How many events a second the decisions alone allow: `queued` no-ops on two nodes of sixteen
/// slots, submitted one by one, each run reporting RUNNING and its end. No store, no network.
public final class HubMachineBenchmark {
  private static final int NODES = 2;
  private static final Instant WALL = Instant.parse("2026-01-01T00:00:00Z");

  private HubMachineBenchmark() {}

  public static void main(String[] args) {
    for (int round = 0; round < 5; round++) {
      measure(1_000);
    }
    measure(100_000);
    measure(100_000);
  }

  private static void measure(int queued) {
    HubFixture names = new HubFixture();
    HubMachine machine =
        new HubMachine(HubFixture.CONFIG, HubState.load(new SimStore()), new Now(1, WALL));
    ArrayDeque<RunId> placed = new ArrayDeque<>();
    long events = 0;
    HubFixture.Node[] nodes = new HubFixture.Node[NODES];
    for (int i = 0; i < NODES; i++) {
      nodes[i] = names.node("n" + i);
      machine.step(now(), new HubEvent.NodeJoined(1, nodes[i].id, nodes[i].offer()));
      machine.step(
          now(),
          new HubEvent.Hello(
              nodes[i].id,
              i + 1,
              new ToHub.Hello(1, 1, nodes[i].offer(), "b", Epoch.NONE, List.of()),
              List.of()));
    }
    long start = System.nanoTime();
    Resources small = new Resources(250, 16, 0);
    for (int i = 0; i < queued; i++) {
      TaskId id = names.nextId();
      take(
          machine.step(
              now(),
              new HubEvent.Submit(
                  i, id, HubFixture.spec(small), new Authority("k", List.of()), null)),
          placed);
      events++;
    }
    long submitted = System.nanoTime();
    int ended = 0;
    while (!placed.isEmpty()) {
      RunId run = placed.poll();
      for (HubFixture.Node node : nodes) {
        if (machine.task(now(), run.task()).map(v -> node.id.equals(v.node())).orElse(false)) {
          long session = node == nodes[0] ? 1 : 2;
          report(machine, node, session, run, RunState.RUNNING, placed);
          report(machine, node, session, run, RunState.EXITED, placed);
          events += 2;
          ended++;
          break;
        }
      }
    }
    long done = System.nanoTime();
    if (ended != queued) {
      throw new IllegalStateException(ended + " of " + queued + " ended");
    }
    System.out.printf(
        "%,d queued: submit %,.0f/s, running+exit+place %,.0f tasks/s, %,.0f events/s in all%n",
        queued,
        queued / ((submitted - start) / 1e9),
        queued / ((done - submitted) / 1e9),
        events / ((done - start) / 1e9));
  }

  private static Now now() {
    return new Now(1_000_000, WALL);
  }

  private static void report(
      HubMachine machine,
      HubFixture.Node node,
      long session,
      RunId run,
      RunState state,
      ArrayDeque<RunId> placed) {
    boolean end = state == RunState.EXITED;
    take(
        machine.step(
            now(),
            new HubEvent.Reports(
                node.id,
                session,
                new ToHub.Reports(
                    List.of(
                        new RunReport(
                            run,
                            end ? 3 : 2,
                            state,
                            "",
                            WALL,
                            WALL,
                            end ? Exit.of(0) : null,
                            List.of(),
                            null))))),
        placed);
  }

  private static void take(Decision decision, ArrayDeque<RunId> placed) {
    for (HubAction action : decision.actions()) {
      if (action instanceof HubAction.Send send
          && send.message() instanceof ToProvider.DesiredSet set) {
        set.put().stream().map(Order::run).forEach(placed::add);
      }
    }
  }
}
