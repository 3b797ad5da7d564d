package io.atoll.daemon.sim;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.daemon.journal.Agreement;
import io.atoll.daemon.journal.JournalChange;
import io.atoll.daemon.journal.NetworkRecord;
import io.atoll.daemon.journal.RunRecord;
import io.atoll.daemon.provider.machine.ProviderAction;
import io.atoll.daemon.provider.machine.ProviderConfig;
import io.atoll.daemon.provider.machine.ProviderDecision;
import io.atoll.daemon.provider.machine.ProviderEvent;
import io.atoll.daemon.provider.machine.ProviderMachine;
import io.atoll.market.activity.NetworkSeat;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunState;
import io.atoll.market.activity.ToProvider;
import io.atoll.market.agreement.Networking;
import io.atoll.market.agreement.Offer;
import io.atoll.market.agreement.Terms;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.device.SignedDevices;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.NodeKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A provider's daemon around the machine of production, and the machine it runs on: payloads and
/// their folders outlive the daemon.
final class SimProvider extends SimProcess<ProviderEvent, ProviderDecision> {
  static final Terms TERMS = new Terms(List.of("process", "docker"), true, true);

  /// What is on the machine of one run.
  static final class Folder {
    final Order order;
    boolean alive;
    @Nullable Exit exit;

    /// A signal to end is on its way.
    boolean ending;

    long began;

    /// It stands still; so does the clock to its own end.
    boolean suspended;

    /// How much of its script is left, as of `since`.
    long left;

    long since;

    /// Grows with each suspension, so that an end that was due before does not come.
    int stretch;

    Folder(Order order) {
      this.order = order;
    }
  }

  private static final Networking NETWORKING = new Networking(List.of("process"), List.of(), false);

  final PeerId id;
  final ProviderConfig config;
  final Resources total;
  final SimJournal journal = new SimJournal();
  final TreeMap<RunId, Folder> folders = new TreeMap<>();
  @Nullable ProviderMachine machine;

  /// Runs whose start this life of the daemon has under way, before there is a folder.
  private final Map<RunId, Boolean> preparing = new HashMap<>();

  private final Map<PeerId, Wire> wires = new TreeMap<>();
  private long wakes;
  boolean destroyed;

  /// Who it is.
  private final Identity identity;

  /// The networks that it takes part in, in this life of the daemon.
  final TreeMap<NetworkId, Membership> networks = new TreeMap<>();

  /// Those that it lets in, in this life of the daemon.
  final TreeMap<NetworkId, List<Device>> devices = new TreeMap<>();

  /// Files of the keys by which devices know it, which outlive it.
  private final TreeMap<NetworkId, NodeKey> doors = new TreeMap<>();

  /// Files of keys, which outlive it.
  private final TreeMap<NetworkId, NodeKey> keys = new TreeMap<>();

  SimProvider(World world, Identity identity, String name, Resources total) {
    super(world, name);
    this.identity = identity;
    this.id = identity.id();
    this.total = total;
    this.config =
        new ProviderConfig(
            name,
            "sim",
            "linux",
            "amd64",
            total,
            List.of("process", "docker"),
            List.of(),
            Map.of(),
            "boot-1",
            List.of(),
            NETWORKING);
  }

  Offer offer() {
    return new Offer(
        name,
        "sim",
        "linux",
        "amd64",
        total,
        config.drivers(),
        List.of(),
        Map.of(),
        TERMS,
        List.of(),
        NETWORKING);
  }

  void join(SimHub hub) {
    journal.agreements.put(hub.id, new Agreement(hub.id, List.of(), TERMS, World.EPOCH));
  }

  ProviderMachine machine() {
    ProviderMachine loaded = machine;
    if (loaded == null) {
      throw new IllegalStateException(name + " is down");
    }
    return loaded;
  }

  @Override
  void start() {
    if (!destroyed) {
      super.start();
    }
  }

  @Override
  void started() {
    preparing.clear();
    wishes.clear();
    machine = new ProviderMachine(id, config, journal.load(), now());
    networks.clear();
    devices.clear();
    for (NetworkRecord record : journal.networks.values()) {
      join(record.membership());
      SignedDevices known = record.devices(id);
      letIn(record.id(), known == null ? List.of() : known.devices());
    }
    for (RunRecord record : machine.toRecover()) {
      later(world.between(World.MILLI, 60 * World.MILLI), () -> recover(record.order().run()));
    }
    world.hubs.forEach(hub -> later(world.between(0, 300 * World.MILLI), () -> dial(hub)));
    wake();
  }

  private void join(Membership membership) {
    NetworkId network = membership.network().id();
    Membership before = networks.put(network, membership);
    if (before == null) {
      NodeKey key =
          keys.computeIfAbsent(
              network,
              _ ->
                  NodeKey.sign(
                      identity,
                      network,
                      identity.publicKey().data(),
                      World.EPOCH.plusNanos(world.time)));
      later(world.between(0, 5 * World.MILLI), () -> offer(new ProviderEvent.NetworkKey(key)));
    } else if (membership.version() <= before.version()) {
      throw world.broken(name + " goes back in network " + network);
    }
  }

  private void letIn(NetworkId network, List<Device> now) {
    if (now.isEmpty()) {
      devices.computeIfPresent(network, (_, _) -> now);
    } else if (devices.put(network, now) == null) {
      NodeKey door =
          doors.computeIfAbsent(
              network,
              _ -> NodeKey.sign(identity, network, identity.publicKey().data(), World.EPOCH));
      later(world.between(0, 5 * World.MILLI), () -> offer(new ProviderEvent.NetworkDoor(door)));
    }
  }

  private void recover(RunId run) {
    Folder folder = folders.get(run);
    if (folder == null || world.bugs.contains(Bug.START_TWICE)) {
      offer(new ProviderEvent.Recovered(run, ProviderEvent.Finding.NEVER_STARTED));
      return;
    }
    offer(new ProviderEvent.Recovered(run, ProviderEvent.Finding.FOUND));
    if (folder.alive) {
      running(folder);
    } else {
      Exit exit = folder.exit;
      ended(run, exit == null ? Exit.lost("its supervisor is gone") : exit);
    }
  }

  private void running(Folder folder) {
    offer(
        new ProviderEvent.RunnerProgress(
            folder.order.run(),
            folder.suspended ? RunState.SUSPENDED : RunState.RUNNING,
            "",
            World.EPOCH.plusNanos(folder.began).plusMillis(wallOffset),
            List.of()));
  }

  private void ended(RunId run, Exit exit) {
    offer(new ProviderEvent.RunnerExited(run, exit, null));
  }

  private void dial(SimHub hub) {
    if (wires.containsKey(hub.id)) {
      return;
    }
    if (!hub.up || world.partitioned(id, hub.id)) {
      later(world.between(50 * World.MILLI, 700 * World.MILLI), () -> dial(hub));
      return;
    }
    Wire wire = new Wire(world, world.witness.nextSession(), this, hub);
    wires.put(hub.id, wire);
    later(
        world.between(World.MILLI, 20 * World.MILLI),
        () -> offer(new ProviderEvent.SessionUp(hub.id, wire.session)));
  }

  void receive(Wire wire, ToProvider message) {
    if (up) {
      offer(new ProviderEvent.FromHub(wire.hub.id, wire.session, maybeUnfenced(message)));
    }
  }

  private ToProvider maybeUnfenced(ToProvider message) {
    if (!world.bugs.contains(Bug.NO_FENCE) || !(message instanceof ToProvider.DesiredSet set)) {
      return message;
    }
    return new ToProvider.DesiredSet(
        set.revision(),
        set.base(),
        set.put().stream()
            .map(
                order ->
                    new Order(
                        order.run(),
                        order.workload(),
                        order.desired(),
                        order.graceSeconds(),
                        order.timeLimitSeconds(),
                        0,
                        order.authority(),
                        order.task(),
                        order.deep(),
                        order.seats()))
            .toList(),
        set.remove());
  }

  void disconnected(Wire wire) {
    if (up && wires.remove(wire.hub.id, wire)) {
      offer(new ProviderEvent.SessionDown(wire.hub.id, wire.session));
      later(world.between(20 * World.MILLI, 500 * World.MILLI), () -> dial(wire.hub));
    }
  }

  @Nullable Wire wire(SimHub hub) {
    return wires.get(hub.id);
  }

  @Override
  void died() {
    machine = null;
    List.copyOf(wires.values()).forEach(Wire::closeByProvider);
    wires.clear();
  }

  /// The machine itself goes down, and all that ran on it.
  void reboot(long downFor) {
    world.log(name + " reboots");
    for (Folder folder : folders.values()) {
      if (folder.alive) {
        folder.alive = false;
        world.witness.ended(folder.order.run(), this, false);
      }
    }
    crash();
    later0(downFor);
  }

  /// It burns down.
  void destroy() {
    reboot(0);
    destroyed = true;
  }

  @Override
  boolean needsAllCommitted(ProviderEvent event) {
    return false;
  }

  @Override
  ProviderDecision decide(ProviderEvent event) {
    ProviderDecision decision = machine().step(now(), event);
    world.witness.reserved(this);
    if (!isRoutine(event) || !decision.changes().isEmpty()) {
      world.log(
          name
              + " "
              + words(event)
              + " → "
              + decision.changes().size()
              + " changes"
              + words(decision.actions()));
    }
    return decision;
  }

  private static boolean isRoutine(ProviderEvent event) {
    return event instanceof ProviderEvent.Tick
        || (event instanceof ProviderEvent.FromHub from
            && from.message() instanceof ToProvider.Heard);
  }

  private static String words(ProviderEvent event) {
    return switch (event) {
      case ProviderEvent.FromHub from ->
          switch (from.message()) {
            case ToProvider.DesiredSet set ->
                "set r"
                    + set.revision()
                    + " on "
                    + set.base()
                    + " put "
                    + set.put().stream().map(o -> o.run() + ":" + o.desired()).toList()
                    + " remove "
                    + set.remove();
            case ToProvider.Acks acks -> acks.toString();
            case ToProvider.Forget forget -> forget.toString();
            case ToProvider.Networks networks -> "networks " + networks.put().size();
            case ToProvider.Ask ask -> "Ask " + ask.tasks().size();
            case ToProvider.Heard _ -> "heard";
            case ToProvider.Welcome _ -> "welcome";
            case ToProvider.Refused refused -> refused.toString();
          };
      case ProviderEvent.RunnerExited exited -> exited.toString();
      case ProviderEvent.RunnerDetail detail -> detail.toString();
      case ProviderEvent.Recovered recovered -> recovered.toString();
      case ProviderEvent.RunnerProgress progress -> progress.run() + " is " + progress.state();
      case ProviderEvent.SessionUp up -> "session " + up.session() + " up";
      case ProviderEvent.SessionDown down -> "session " + down.session() + " down";
      case ProviderEvent.Joined _, ProviderEvent.Left _, ProviderEvent.OfferChanged _ -> "change";
      case ProviderEvent.NetworkKey key -> key.toString();
      case ProviderEvent.NetworkDoor door -> door.toString();
      case ProviderEvent.NetworkAddresses addresses -> addresses.toString();
      case ProviderEvent.NetworkEgresses counted -> "egress of " + counted.all().size();
      case ProviderEvent.Machine machine -> machine.toString();
      case ProviderEvent.Tick _ -> "tick";
    };
  }

  private static String words(List<ProviderAction> actions) {
    StringBuilder words = new StringBuilder();
    for (ProviderAction action : actions) {
      words.append(' ').append(action.getClass().getSimpleName());
      switch (action) {
        case ProviderAction.StartRun start -> words.append(' ').append(start.order().run());
        case ProviderAction.StopRun stop ->
            words.append(' ').append(stop.run()).append(' ').append(stop.cause());
        case ProviderAction.SuspendRun suspend -> words.append(' ').append(suspend.run());
        case ProviderAction.ResumeRun resume -> words.append(' ').append(resume.run());
        case ProviderAction.Send _,
            ProviderAction.Close _,
            ProviderAction.DropFolder _,
            ProviderAction.PutNetwork _,
            ProviderAction.LeaveNetwork _,
            ProviderAction.Reach _ -> {}
        case ProviderAction.Complain complain -> words.append(' ').append(complain.what());
      }
    }
    return words.toString();
  }

  @Override
  boolean commit(List<ProviderDecision> group) {
    for (ProviderDecision decision : group) {
      List<JournalChange> changes = decision.changes();
      if (world.bugs.contains(Bug.NO_JOURNAL)) {
        changes =
            changes.stream()
                .filter(
                    change ->
                        !(change instanceof JournalChange.PutRun put
                            && put.run().state() == RunState.ACCEPTED))
                .toList();
      }
      journal.commit(changes);
    }
    return true;
  }

  @Override
  void idle() {
    wake();
  }

  /// One pending tick at most: the earliest.
  private void wake() {
    long wake = ++wakes;
    Duration wait = machine().idle(now());
    later(
        Math.max(World.MILLI, wait.toNanos()),
        () -> {
          if (wake == wakes) {
            offer(new ProviderEvent.Tick());
          }
        });
  }

  @Override
  List<Runnable> actions(ProviderDecision decision) {
    List<Runnable> actions = new ArrayList<>();
    for (ProviderAction action : decision.actions()) {
      actions.add(() -> act(action));
    }
    return actions;
  }

  private void act(ProviderAction action) {
    switch (action) {
      case ProviderAction.StartRun start -> startRun(start.order());
      case ProviderAction.StopRun stop -> stopRun(stop);
      case ProviderAction.SuspendRun(RunId run, boolean _) -> pace(run, true);
      case ProviderAction.ResumeRun(RunId run) -> {
        if (!world.bugs.contains(Bug.FORGET_RESUME) || world.chance(0.5)) {
          pace(run, false);
        }
      }
      case ProviderAction.DropFolder drop -> {
        for (RunId run : List.copyOf(folders.keySet())) {
          if (run.task().equals(drop.task())) {
            if (folders.get(run).alive) {
              throw world.broken(name + " drops the folder of " + run + ", which runs");
            }
            folders.remove(run);
          }
        }
      }
      case ProviderAction.PutNetwork put -> {
        join(put.membership());
        letIn(put.membership().network().id(), put.devices());
      }
      case ProviderAction.LeaveNetwork leave -> {
        networks.remove(leave.network());
        keys.remove(leave.network());
        devices.remove(leave.network());
        doors.remove(leave.network());
      }
      case ProviderAction.Reach _ -> {}
      case ProviderAction.Complain complain -> {
        // After a restore there may be two lists of one version, until the whole is told.
        if (!world.restored) {
          throw world.broken(name + ": " + complain.what());
        }
      }
      case ProviderAction.Send send -> {
        Wire wire = wires.get(send.hub());
        if (wire != null && wire.session == send.session()) {
          wire.send(send.message());
        }
      }
      case ProviderAction.Close close -> {
        Wire wire = wires.get(close.hub());
        if (wire != null && wire.session == close.session()) {
          wire.closeByProvider();
          disconnected(wire);
        }
      }
    }
  }

  private void startRun(Order order) {
    RunId run = order.run();
    for (NetworkSeat seat : order.seats()) {
      Membership known = networks.get(seat.network());
      if (known == null || !known.members().containsKey(run.toString())) {
        throw world.broken(name + " starts " + run + " and does not know its network");
      }
    }
    Script script = Script.of(order);
    preparing.put(run, true);
    offer(new ProviderEvent.RunnerProgress(run, RunState.STARTING, "preparing", null, List.of()));
    later(
        world.between(World.MILLI, 250 * World.MILLI),
        () -> {
          if (preparing.get(run) != Boolean.TRUE) {
            preparing.remove(run);
            ended(run, Exit.startFailed("cancelled"));
          } else if (script.userFault()) {
            preparing.remove(run);
            ended(run, new Exit(Exit.Cause.START_FAILED, 127, "no such program"));
          } else if (script.flaky() && world.chance(0.5)) {
            preparing.remove(run);
            ended(run, Exit.startFailed("out of luck"));
          } else {
            Folder folder = new Folder(order);
            folders.put(run, folder);
            later(world.between(0, 3 * World.MILLI), () -> begin(folder, script));
          }
        });
  }

  private void begin(Folder folder, Script script) {
    RunId run = folder.order.run();
    boolean cancelled = preparing.remove(run) != Boolean.TRUE;
    folder.alive = true;
    folder.began = world.time;
    world.witness.began(run, this);
    running(folder);
    folder.left = script.duration();
    goOn(folder);
    if (cancelled) {
      kill(folder, world.between(0, 100 * World.MILLI));
    }
  }

  private void goOn(Folder folder) {
    int stretch = ++folder.stretch;
    folder.since = world.time;
    world.at(
        folder.left,
        () -> {
          if (folder.stretch == stretch) {
            endNaturally(folder, Script.of(folder.order).exitCode());
          }
        });
  }

  private final Map<RunId, Boolean> wishes = new HashMap<>();

  /// As the runner does it: a wish, made true a moment later if it still is the newest.
  private void pace(RunId run, boolean suspend) {
    wishes.put(run, suspend);
    later(
        world.between(100_000, 50 * World.MILLI),
        () -> {
          Folder folder = folders.get(run);
          if (folder == null || !folder.alive || wishes.get(run) != suspend) {
            return;
          }
          if (folder.suspended != suspend) {
            folder.suspended = suspend;
            world.log(name + " payload " + run + (suspend ? " stands still" : " goes on"));
            if (suspend) {
              folder.stretch++;
              folder.left = Math.max(0, folder.left - (world.time - folder.since));
            } else {
              goOn(folder);
            }
          }
          running(folder);
        });
  }

  private void endNaturally(Folder folder, int code) {
    if (folder.alive) {
      end(folder, Exit.of(code), true);
    }
  }

  private void end(Folder folder, Exit exit, boolean natural) {
    folder.alive = false;
    folder.exit = exit;
    world.log(name + " payload " + folder.order.run() + " ends with " + exit.code());
    world.witness.ended(folder.order.run(), this, natural && !folder.ending);
    tell(folder, exit);
  }

  private void tell(Folder folder, Exit exit) {
    if (up) {
      later(world.between(100_000, 5 * World.MILLI), () -> ended(folder.order.run(), exit));
    }
  }

  private void stopRun(ProviderAction.StopRun stop) {
    world.witness.killing(stop.run());
    if (preparing.containsKey(stop.run())) {
      preparing.put(stop.run(), false);
      return;
    }
    Folder folder = folders.get(stop.run());
    if (folder != null && folder.alive) {
      kill(folder, world.between(0, Math.min(stop.grace().toNanos(), 3 * World.SECOND)));
    }
  }

  private void kill(Folder folder, long after) {
    folder.ending = true;
    world.at(
        after,
        () -> {
          if (folder.alive) {
            end(folder, new Exit(Exit.Cause.SIGNALED, 143, ""), false);
          }
        });
  }

  /// kill -9 of a supervisor: its payload dies with it and nobody sees the end.
  void killSupervisor(Folder folder) {
    if (folder.alive) {
      folder.alive = false;
      world.log(name + " supervisor of " + folder.order.run() + " is killed");
      world.witness.ended(folder.order.run(), this, false);
      tell(folder, Exit.lost("its supervisor was killed"));
    }
  }
}
