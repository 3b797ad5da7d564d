package io.atoll.daemon.sim;

import io.atoll.core.term.Resources;
import io.atoll.daemon.store.NodeRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// One seed: a world is made, faults happen for a while, then they stop, and everything must come
/// to its end in bounded time.
final class Simulation {
  /// Long enough for thirty long tasks, each tried several times, one after the other.
  private static final long BOUND = 4_000 * World.SECOND;

  /// After what time without faults every live payload stands still or runs as its owner wants.
  private static final long SETTLING = 40 * World.SECOND;

  /// How many seconds it has to stay at its end.
  private static final int CALM = 4;

  record Result(long seed, long hash, long events, int payloads, double seconds, String faults) {}

  private final World world;
  private final List<SimClient> clients = new ArrayList<>();
  private final StringBuilder faults = new StringBuilder();

  private Simulation(long seed, Set<Bug> bugs) {
    world = new World(seed, bugs);
  }

  static Result run(long seed, Set<Bug> bugs) {
    Simulation simulation = new Simulation(seed, bugs);
    try {
      return simulation.run();
    } catch (World.Broken e) {
      throw e;
    } catch (RuntimeException e) {
      World.Broken broken = simulation.world.broken("a machine failed: " + e);
      broken.initCause(e);
      throw broken;
    }
  }

  private Result run() {
    int hubs = world.chance(0.15) ? 2 : 1;
    int providers = world.chance(0.15) ? (int) world.between(5, 7) : (int) world.between(1, 4);
    for (int i = 0; i < hubs; i++) {
      world.hubs.add(new SimHub(world, World.identity("H", i), "hub" + i));
      if (world.chance(0.5)) {
        world.hubs.getLast().withNetwork();
      }
    }
    for (int i = 0; i < providers; i++) {
      SimProvider provider =
          new SimProvider(
              world,
              World.identity("P", i),
              "prov" + i,
              new Resources(world.between(2, 8) * 1000, world.between(2, 8) * 1024, 1 << 20));
      world.providers.add(provider);
      for (SimHub hub : world.hubs) {
        provider.join(hub);
        hub.store.nodes.put(provider.id, new NodeRow(provider.id, provider.offer(), World.EPOCH));
      }
    }
    world.hubs.forEach(SimProcess::start);
    world.providers.forEach(SimProcess::start);

    long span = world.between(15, 50) * World.SECOND;
    for (SimHub hub : world.hubs) {
      SimClient client = new SimClient(world, hub);
      clients.add(client);
      client.begin((int) world.between(3, 30), span);
      if (hub.hasNetwork()) {
        new SimDevices(world, hub).begin((int) world.between(0, 6), span);
      }
    }
    plan(span);
    watch();
    world.run(span);
    heal();
    world.run(world.time + SETTLING);
    world.hubs.forEach(world.witness::judgePace);
    clients.forEach(SimClient::resumeAll);
    long bound = world.time + BOUND;
    int calm = 0;
    while (calm < CALM) {
      if (world.time >= bound) {
        throw world.broken("it does not come to its end: " + unsettled());
      }
      world.run(world.time + World.SECOND);
      calm = unsettled().isEmpty() ? calm + 1 : 0;
    }
    world.hubs.forEach(world.witness::judge);
    return new Result(
        world.seed,
        world.trace.hash(),
        world.trace.lines(),
        world.witness.payloads(),
        world.time / 1e9,
        faults.toString());
  }

  private void watch() {
    world.at(
        500 * World.MILLI,
        () -> {
          world.witness.checkOverlaps();
          watch();
        });
  }

  /// Chooses which faults this world knows, and when they strike.
  private void plan(long span) {
    if (world.chance(0.2)) {
      // Nothing but long silence: no excuse for a provider that does not fence itself.
      fault("long-partition", 1, 5, span, _ -> partition(8_000, 25_000));
      return;
    }
    if (world.chance(0.6)) {
      world.crashChance = 0.001 * world.between(1, 25);
      faults.append(" crash-anywhere");
    }
    if (world.chance(0.2)) {
      world.hubs.getFirst().diskTrouble = 0.01;
      faults.append(" disk");
    }
    fault("crash-hub", 0.4, 6, span, this::crashHub);
    fault("crash-provider", 0.6, 10, span, _ -> crash(anyProvider()));
    fault("reboot", 0.2, 2, span, _ -> anyProvider().reboot(world.between(1, 10) * World.SECOND));
    fault("partition", 0.5, 6, span, _ -> partition(100, 20_000));
    fault("reset", 0.4, 8, span, _ -> reset());
    fault("freeze-hub", 0.2, 3, span, _ -> anyHub().freeze(world.between(100, 9000) * World.MILLI));
    fault(
        "freeze-provider",
        0.25,
        3,
        span,
        _ -> anyProvider().freeze(world.between(100, 14000) * World.MILLI));
    fault("clock", 0.3, 5, span, _ -> jump());
    fault("kill-supervisor", 0.3, 4, span, _ -> killSupervisor());
    fault("restore", 0.25, 1, span, _ -> restore());
    fault("destroy", 0.07, 1, span, _ -> destroy());
  }

  private void fault(String name, double chance, int most, long span, Consumer<String> what) {
    if (!world.chance(chance)) {
      return;
    }
    faults.append(' ').append(name);
    long times = world.between(1, most);
    for (int i = 0; i < times; i++) {
      world.at(
          world.between(World.SECOND / 2, span - 1),
          () -> {
            if (world.chaos) {
              what.accept(name);
            }
          });
    }
  }

  private SimHub anyHub() {
    return world.hubs.get((int) world.between(0, world.hubs.size() - 1));
  }

  private SimProvider anyProvider() {
    return world.providers.get((int) world.between(0, world.providers.size() - 1));
  }

  private void crashHub(String fault) {
    crash(anyHub());
  }

  private void crash(SimProcess<?, ?> process) {
    process.crash();
    process.later0(world.between(10 * World.MILLI, 12 * World.SECOND));
  }

  private void partition(long leastMillis, long mostMillis) {
    boolean all = world.chance(0.25);
    SimHub hub = anyHub();
    List<SimProvider> cut = all ? world.providers : List.of(anyProvider());
    long duration = world.between(leastMillis, mostMillis) * World.MILLI;
    for (SimProvider provider : cut) {
      world.log(provider.name + " is cut off from " + hub.name);
      world.partition(provider.id, hub.id);
      world.at(duration, () -> world.heal(provider.id, hub.id));
    }
  }

  private void reset() {
    SimHub hub = anyHub();
    Wire wire = anyProvider().wire(hub);
    if (wire != null) {
      world.log("connection " + wire.session + " breaks");
      wire.reset();
    }
  }

  private void jump() {
    SimProcess<?, ?> process = world.chance(0.5) ? anyHub() : anyProvider();
    process.wallOffset += world.between(-7_200_000, 7_200_000);
    world.log("the wall clock of " + process.name + " jumps");
  }

  private void killSupervisor() {
    SimProvider provider = anyProvider();
    List<SimProvider.Folder> alive =
        provider.folders.values().stream().filter(folder -> folder.alive).toList();
    if (!alive.isEmpty()) {
      provider.killSupervisor(alive.get((int) world.between(0, alive.size() - 1)));
    }
  }

  /// A backup is taken now and restored some time later.
  private void restore() {
    SimHub hub = anyHub();
    SimStore backup = hub.store.copy();
    long takenAt = world.time;
    world.log(hub.name + " is backed up");
    world.at(
        world.between(500 * World.MILLI, 15 * World.SECOND),
        () -> {
          if (!world.chaos) {
            return;
          }
          world.log(hub.name + " is restored");
          world.restored = true;
          hub.crash();
          backup.restored = true;
          if (world.chance(0.7)) {
            // What the restore command does; without it the providers' tales must suffice.
            backup.highest = new io.atoll.core.term.Epoch(backup.highest.generation() + 1, 0);
          }
          hub.store = backup;
          for (SimClient client : clients) {
            for (SimClient.Asked task : client.tasks) {
              if (task.hub == hub && (!task.acked || task.ackedAt >= takenAt || task.deleteAsked)) {
                task.mayBeForgotten = true;
              }
              if (task.hub == hub) {
                task.stopped = false;
              }
            }
          }
          world.witness.protectRunning(hub);
          hub.later0(world.between(10 * World.MILLI, 3 * World.SECOND));
        });
  }

  private void destroy() {
    if (world.providers.stream().filter(provider -> !provider.destroyed).count() > 1) {
      SimProvider provider = world.providers.getLast();
      if (!provider.destroyed) {
        provider.destroy();
      }
    }
  }

  private void heal() {
    world.log("the faults are over");
    world.chaos = false;
    world.healAll();
    for (SimProvider provider : world.providers) {
      provider.frozenUntil = Math.min(provider.frozenUntil, world.time);
      provider.start();
    }
    for (SimHub hub : world.hubs) {
      hub.frozenUntil = Math.min(hub.frozenUntil, world.time);
      hub.start();
    }
    clients.forEach(SimClient::wrapUp);
    world.providers.stream().filter(provider -> provider.destroyed).forEach(this::forget);
  }

  private void forget(SimProvider provider) {
    for (SimHub hub : world.hubs) {
      if (hub.store.nodes.containsKey(provider.id)) {
        hub.ask(ticket -> new SimHub.Input.ForgetNode(ticket, provider.id), _ -> {});
        world.at(2 * World.SECOND, () -> forget(provider));
      }
    }
  }

  private String unsettled() {
    StringBuilder why = new StringBuilder();
    for (SimHub hub : world.hubs) {
      hub.store.tasks.values().stream()
          .filter(task -> !task.state().ended())
          .forEach(
              task ->
                  why.append(
                      "\n  "
                          + hub.name
                          + ": "
                          + task
                          + " "
                          + hub.machine().task(hub.now(), task.id()).map(v -> v.waiting())));
      hub.store.forgets.forEach(
          (node, ids) -> {
            if (!ids.isEmpty()) {
              why.append("\n  " + node + " has not forgotten " + ids);
            }
          });
      why.append(hub.unsettledNetworks());
      if (hub.store.restored) {
        why.append("\n  " + hub.name + " still waits for " + hub.machine().waitingFor());
      }
      hub.machine().nodes().stream()
          .filter(node -> !node.state().equals("ONLINE") || !node.free().equals(node.total()))
          .forEach(node -> why.append("\n  " + hub.name + " has " + node));
    }
    for (SimProvider provider : world.providers) {
      if (!provider.destroyed && !provider.machine().live().isEmpty()) {
        why.append("\n  " + provider.name + " has " + provider.machine().live());
      }
    }
    if (!world.witness.nothingRuns()) {
      why.append("\n  an orphan runs");
    }
    for (SimClient client : clients) {
      why.append(client.unsettled());
    }
    return why.toString();
  }
}
