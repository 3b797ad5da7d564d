package io.atoll.daemon.sim;

import io.atoll.client.api.DeviceView;
import io.atoll.client.api.TaskSpec;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.machine.Answer;
import io.atoll.daemon.hub.machine.Decision;
import io.atoll.daemon.hub.machine.HubAction;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.hub.machine.HubEvent;
import io.atoll.daemon.hub.machine.HubMachine;
import io.atoll.daemon.hub.machine.HubState;
import io.atoll.daemon.hub.machine.NetworkPart;
import io.atoll.daemon.store.DeviceKeys;
import io.atoll.daemon.store.NetworkRow;
import io.atoll.daemon.store.NodeRow;
import io.atoll.daemon.store.Outcome;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.daemon.store.TaskRow;
import io.atoll.daemon.store.Transaction;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.NetworkPush;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.device.SignedDevices;
import io.atoll.vpn.network.Change;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.Membership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A hub's daemon around the machine of production.
final class SimHub extends SimProcess<SimHub.Input, Decision> {
  static final Duration LEASE = Duration.ofSeconds(4);
  static final Duration MARGIN = Duration.ofSeconds(4);
  static final HubConfig CONFIG =
      new HubConfig(
          "sim",
          Duration.ofMillis(500),
          LEASE,
          MARGIN,
          Duration.ofSeconds(2),
          Duration.ofSeconds(20),
          true);

  /// What it is told, before the store was asked.
  sealed interface Input {
    record Said(Wire wire, ToHub message) implements Input {}

    record Gone(Wire wire) implements Input {}

    record Tick() implements Input {}

    record Submit(long ticket, TaskId id, TaskSpec spec, String key) implements Input {}

    record Stop(long ticket, TaskId id) implements Input {}

    record Delete(long ticket, TaskId id) implements Input {}

    record Suspend(long ticket, TaskId id) implements Input {}

    record Resume(long ticket, TaskId id) implements Input {}

    record ForgetNode(long ticket, PeerId node) implements Input {}

    record Invite(long ticket, String id, DeviceKeys keys, PeerId door) implements Input {}

    record Uninvite(long ticket, String id) implements Input {}
  }

  static final String NETWORK = "simnet";

  final PeerId id;
  private final Identity identity;
  SimStore store = new SimStore();
  @Nullable HubMachine machine;

  /// Chance that the disk refuses a commit, while there is chaos.
  double diskTrouble;

  private final Map<Long, Wire> wires = new HashMap<>();
  private final Map<Long, Consumer<Answer>> waiting = new TreeMap<>();
  private long tickets;

  SimHub(World world, Identity identity, String name) {
    super(world, name);
    this.identity = identity;
    this.id = identity.id();
  }

  /// Half of the hubs have a network, in which half of their tasks are.
  void withNetwork() {
    NetworkId network = new NetworkId("n00000000000" + name.charAt(name.length() - 1));
    store.networks.put(
        network,
        new NetworkRow(
            network,
            NETWORK,
            id,
            Cidr.parse("10.7.0.0/24"),
            1420,
            false,
            0,
            World.EPOCH,
            Egress.NONE));
  }

  boolean hasNetwork() {
    return !store.networks.isEmpty();
  }

  HubMachine machine() {
    HubMachine loaded = machine;
    if (loaded == null) {
      throw new IllegalStateException(name + " is down");
    }
    return loaded;
  }

  /// Asks for something; the answer may never come.
  void ask(java.util.function.LongFunction<Input> question, Consumer<Answer> then) {
    if (up) {
      long ticket = ++tickets;
      waiting.put(ticket, then);
      offer(question.apply(ticket));
    }
  }

  @Override
  void started() {
    load();
    tick();
  }

  private void load() {
    if (world.bugs.contains(Bug.TRUST_BACKUP)) {
      store.restored = false;
    }
    machine = new HubMachine(CONFIG, HubState.load(store), now());
    world.witness.hubLoaded(this);
  }

  private void tick() {
    offer(new Input.Tick());
    later(250 * World.MILLI, this::tick);
  }

  @Override
  void died() {
    machine = null;
    waiting.clear();
    List.copyOf(wires.values()).forEach(Wire::closeByHub);
    wires.clear();
  }

  void receive(Wire wire, ToHub message) {
    if (up) {
      wires.put(wire.session, wire);
      offer(new Input.Said(wire, message));
    }
  }

  void disconnected(Wire wire) {
    if (wires.remove(wire.session) != null) {
      offer(new Input.Gone(wire));
    }
  }

  @Override
  boolean needsAllCommitted(Input event) {
    return switch (event) {
      case Input.Said said -> said.message() instanceof ToHub.Hello;
      case Input.Delete _, Input.Submit _ -> true;
      case Input.Gone _, Input.Tick _, Input.Stop _, Input.Suspend _, Input.Resume _ -> false;
      case Input.ForgetNode _, Input.Invite _, Input.Uninvite _ -> false;
    };
  }

  @Override
  Decision decide(Input input) {
    Decision decision = machine().step(now(), event(input));
    if (!isRoutine(input) || !decision.changes().isEmpty()) {
      String changed =
          decision.changes().stream()
              .map(change -> change.getClass().getSimpleName())
              .reduce("", (a, b) -> a + " " + b);
      world.log(name + " " + words(input) + " →" + changed + " +" + decision.actions().size());
    }
    return decision;
  }

  private static boolean isRoutine(Input input) {
    return input instanceof Input.Tick
        || (input instanceof Input.Said said && said.message() instanceof ToHub.Heartbeat);
  }

  private static String words(Input input) {
    return switch (input) {
      case Input.Said said -> said.wire().provider.name + " says " + words(said.message());
      case Input.Gone gone -> gone.wire().provider.name + " is gone";
      case Input.Tick _ -> "tick";
      case Input.Submit submit -> "submit " + submit.key() + " as " + submit.id();
      case Input.Stop stop -> "stop " + stop.id();
      case Input.Suspend suspend -> "suspend " + suspend.id();
      case Input.Resume resume -> "resume " + resume.id();
      case Input.Delete delete -> "delete " + delete.id();
      case Input.ForgetNode forget -> "forget node " + forget.node();
      case Input.Invite invite -> "invite " + invite.id() + " by " + invite.door();
      case Input.Uninvite remove -> "let " + remove.id() + " in no longer";
    };
  }

  private static String words(ToHub message) {
    return switch (message) {
      case ToHub.Hello hello -> "hello " + hello.highest() + words(hello.runs());
      case ToHub.Heartbeat beat -> "beat r" + beat.revision();
      case ToHub.Reports reports -> "reports" + words(reports.runs());
      case ToHub.Networks networks -> "networks " + networks.networks().size();
      case ToHub.Egress egress -> "egress " + egress.networks().size();
      case ToHub.Known known -> "known " + known.asked().size() + words(known.runs());
    };
  }

  private static String words(List<RunReport> reports) {
    StringBuilder words = new StringBuilder();
    for (RunReport report : reports) {
      words.append(' ').append(report.run()).append('#').append(report.seq()).append(' ');
      words.append(report.state());
      if (report.exit() != null) {
        words.append('/').append(report.exit().cause()).append(report.exit().code());
      }
    }
    return words.toString();
  }

  private HubEvent event(Input input) {
    return switch (input) {
      case Input.Said said ->
          HubEvent.of(
              said.wire().provider.id, said.wire().session, said.message(), ended(said.message()));
      case Input.Gone gone ->
          new HubEvent.Disconnected(gone.wire().provider.id, gone.wire().session);
      case Input.Tick _ -> new HubEvent.Tick();
      case Input.Submit submit ->
          new HubEvent.Submit(
              submit.ticket(),
              submit.id(),
              submit.spec(),
              new Authority("k1", List.of()),
              new HubEvent.Idempotency(
                  submit.key(),
                  "hash of " + submit.key(),
                  World.EPOCH,
                  store.read(new Query.Idempotent("k1", submit.key())).orElse(null)));
      case Input.Stop stop -> new HubEvent.StopTask(stop.ticket(), stop.id());
      case Input.Suspend suspend -> new HubEvent.SuspendTask(suspend.ticket(), suspend.id(), false);
      case Input.Resume resume -> new HubEvent.ResumeTask(resume.ticket(), resume.id());
      case Input.Delete delete ->
          new HubEvent.DeleteTask(
              delete.ticket(),
              delete.id(),
              store.read(new Query.TaskById(delete.id())).orElse(null),
              store.read(new Query.RunsOf(delete.id())));
      case Input.ForgetNode forget -> new HubEvent.NodeForgotten(forget.ticket(), forget.node());
      case Input.Invite invite ->
          new HubEvent.InviteDevice(
              invite.ticket(), NETWORK, invite.id(), invite.id(), invite.keys(), invite.door());
      case Input.Uninvite remove ->
          new HubEvent.RemoveDevice(remove.ticket(), NETWORK, remove.id());
    };
  }

  private List<TaskRow> ended(ToHub message) {
    if (!(message instanceof ToHub.Hello hello)) {
      return List.of();
    }
    List<TaskRow> ended = new ArrayList<>();
    for (RunReport report : hello.runs()) {
      if (!machine().isLive(report.run().task())) {
        store.read(new Query.TaskById(report.run().task())).ifPresent(ended::add);
      }
    }
    return ended;
  }

  @Override
  boolean commit(List<Decision> group) {
    List<Transaction> transactions = new ArrayList<>();
    for (Decision decision : group) {
      if (!decision.changes().isEmpty()) {
        transactions.add(new Transaction(decision.preconditions(), decision.changes()));
      }
    }
    if (transactions.isEmpty()) {
      return true;
    }
    if (world.chaos && diskTrouble > 0 && world.chance(diskTrouble)) {
      world.log(name + " disk trouble");
      reload();
      return false;
    }
    keepAddresses(transactions);
    Map<TaskId, TaskRow> before = world.witness.epochsBefore(store, transactions);
    for (Outcome outcome : store.commit(transactions)) {
      if (outcome instanceof Outcome.Conflict conflict) {
        throw world.broken(name + " met a conflict with itself: " + conflict.failed());
      }
    }
    world.witness.committed(this, before);
    return true;
  }

  /// A task has one address as long as it lives, wherever it runs.
  private void keepAddresses(List<Transaction> transactions) {
    for (Transaction transaction : transactions) {
      for (io.atoll.daemon.store.Change change : transaction.changes()) {
        if (change instanceof io.atoll.daemon.store.Change.PutSeat(SeatRow seat)) {
          IpAddress first = addresses.putIfAbsent(seat.holder(), seat.v4());
          if (first != null && !first.equals(seat.v4()) && !world.restored) {
            throw world.broken(seat.holder() + " was at " + first + ", and is at " + seat.v4());
          }
        }
      }
    }
  }

  private final Map<String, IpAddress> addresses = new HashMap<>();

  /// What a shell does when a commit failed: a new machine, and all sessions end.
  private void reload() {
    waiting.clear();
    List.copyOf(wires.values()).forEach(Wire::closeByHub);
    wires.clear();
    load();
  }

  @Override
  List<Runnable> actions(Decision decision) {
    List<Runnable> actions = new ArrayList<>();
    for (HubAction action : decision.actions()) {
      actions.add(() -> act(action));
    }
    return actions;
  }

  private void act(HubAction action) {
    switch (action) {
      case HubAction.Send send -> {
        Wire wire = wires.get(send.session());
        if (wire != null) {
          wire.send(send.message());
        }
      }
      case HubAction.Own _, HubAction.OwnGone _ ->
          throw world.broken(name + " is no node of its networks");
      case HubAction.SendNetworks told -> {
        Wire wire = wires.get(told.session());
        if (wire != null) {
          wire.send(message(told));
        }
      }
      case HubAction.Close close -> {
        Wire wire = wires.remove(close.session());
        if (wire != null) {
          wire.closeByHub();
          offer(new Input.Gone(wire));
        }
      }
      case HubAction.Reply reply -> {
        Consumer<Answer> then = waiting.remove(reply.ticket());
        if (then != null) {
          if (reply.answer() instanceof Answer.Failed failed
              && failed.code() == ErrorCode.INTERNAL) {
            throw world.broken(name + " failed: " + failed.message());
          }
          then.accept(reply.answer());
        }
      }
    }
  }

  private ToProvider.Networks message(HubAction.SendNetworks told) {
    List<NetworkPush> put = new ArrayList<>();
    for (NetworkPart part : told.parts()) {
      Membership after = part.after();
      Change change =
          Change.of(
              after,
              part.from(),
              part.members(),
              part.nodes(),
              part.egress(),
              Change.seal(identity, after));
      put.add(
          new NetworkPush(
              after.network().id(),
              part.mtu(),
              Json.mapper().valueToTree(after.network()),
              Json.mapper().valueToTree(change),
              devices(told.node(), part)));
    }
    return new ToProvider.Networks(put, told.gone(), told.reach());
  }

  private @Nullable String devices(PeerId node, NetworkPart part) {
    List<Device> devices = part.devices();
    Membership after = part.after();
    return devices == null
        ? null
        : Base64.getEncoder()
            .encodeToString(
                SignedDevices.seal(identity, after.network().id(), node, after.version(), devices));
  }

  /// What its providers know of its networks is what it knows; empty if so.
  String unsettledNetworks() {
    StringBuilder all = new StringBuilder();
    for (NetworkRow row : store.networks.values()) {
      Membership here = up ? machine().membership(row.name()).orElseThrow() : null;
      for (SimProvider provider : world.providers) {
        Membership there = provider.networks.get(row.id());
        boolean in = here != null && here.nodes().contains(provider.id);
        if (here == null || (!provider.destroyed && !(in ? here.equals(there) : there == null))) {
          all.append("\n  ").append(row.name()).append(" on ").append(provider.name);
          all.append(": ").append(there == null ? "none" : "version " + there.version());
          all.append(" instead of ").append(!in ? "none" : "version " + here.version());
        }
        if (here != null && !provider.destroyed) {
          all.append(unsettledDevices(row, provider));
        }
      }
    }
    return all.toString();
  }

  /// A door lets in whom the hub lets in there, and the hub knows by which key.
  private String unsettledDevices(NetworkRow row, SimProvider provider) {
    List<DeviceView> here =
        machine().devices(row.name()).orElseThrow().stream()
            .filter(one -> one.door().equals(provider.id))
            .toList();
    Map<String, String> wanted = new TreeMap<>();
    here.forEach(one -> wanted.put(one.id(), one.publicKey()));
    Map<String, String> there = new TreeMap<>();
    provider
        .devices
        .getOrDefault(row.id(), List.of())
        .forEach(one -> there.put(one.member(), one.key().toString()));
    boolean known = here.stream().allMatch(one -> one.doorKey() != null);
    return wanted.equals(there) && known
        ? ""
        : "\n  " + provider.name + " lets in " + there + " instead of " + here;
  }

  Optional<TaskRow> task(TaskId id) {
    return Optional.ofNullable(store.tasks.get(id));
  }

  List<RunRow> runs(TaskId id) {
    return store.read(new Query.RunsOf(id));
  }

  List<NodeRow> nodes() {
    return List.copyOf(store.nodes.values());
  }
}
