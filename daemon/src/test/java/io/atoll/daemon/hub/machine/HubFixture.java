package io.atoll.daemon.hub.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskView;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.core.time.Now;
import io.atoll.daemon.sim.SimStore;
import io.atoll.daemon.store.Outcome;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.TaskRow;
import io.atoll.daemon.store.Transaction;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.DesiredDigest;
import io.atoll.market.activity.NetworkStanding;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.RunState;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import io.atoll.market.agreement.Networking;
import io.atoll.market.agreement.Offer;
import io.atoll.market.agreement.Terms;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.Change;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.NodeKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A hub machine with a store, a clock, and providers that are played by the test.
final class HubFixture {
  static final HubConfig CONFIG = HubConfig.defaults("test");
  static final Resources NODE = new Resources(4000, 4096, 4096);
  static final Resources SMALL = new Resources(1000, 1024, 0);
  static final Terms TERMS = new Terms(List.of("process"), false, false);

  /// A provider as its side of the stream sees the hub.
  final class Node {
    final PeerId id;
    final String name;
    final TreeMap<RunId, Order> wanted = new TreeMap<>();
    final List<ToProvider> heard = new ArrayList<>();
    long session;
    long revision = -1;
    @Nullable List<String> deep;

    /// What it can do in private networks; null = it is of a version that knows none.
    @Nullable Networking networking;

    final TreeMap<NetworkId, Membership> networks = new TreeMap<>();
    final Map<NetworkId, NodeKey> keys = new HashMap<>();

    /// By which keys devices know it.
    final Map<NetworkId, NodeKey> doors = new HashMap<>();

    /// Those that it lets in.
    final Map<NetworkId, List<Device>> devices = new HashMap<>();

    final Map<PeerId, List<String>> reach = new HashMap<>();
    List<String> addresses = List.of();

    /// How many members came over the wire.
    int membersHeard;

    private @Nullable Identity identity;

    Node(String name, char last) {
      this.name = name;
      this.id = new PeerId("12D3KooW" + "N".repeat(39) + last);
    }

    /// One that knows private networks.
    Node(String name, Identity identity) {
      this.name = name;
      this.id = identity.id();
      this.identity = identity;
      this.networking = new Networking(List.of("process"), List.of(), false);
    }

    Offer offer() {
      return new Offer(
          name,
          "test",
          "linux",
          "amd64",
          NODE,
          List.of("process"),
          List.of(),
          Map.of(),
          TERMS,
          deep,
          networking);
    }

    Node join() {
      step(new HubEvent.NodeJoined(1, id, offer()));
      return this;
    }

    Node hello(RunReport... runs) {
      return hello(Epoch.NONE, runs);
    }

    Node hello(Epoch highest, RunReport... runs) {
      session = ++sessions;
      revision = -1;
      wanted.clear();
      List<TaskRow> ended = new ArrayList<>();
      for (RunReport run : runs) {
        if (!machine.isLive(run.run().task())) {
          store.read(new Query.TaskById(run.run().task())).ifPresent(ended::add);
        }
      }
      step(
          HubEvent.of(
              id,
              session,
              new ToHub.Hello(
                  1,
                  1,
                  offer(),
                  "boot",
                  highest,
                  List.of(runs),
                  networking == null ? null : networks.values().stream().map(this::whole).toList(),
                  networking == null ? null : addresses),
              ended));
      return this;
    }

    private NetworkStanding whole(Membership known) {
      NetworkStanding news = standing(known);
      return new NetworkStanding(
          news.network(),
          news.version(),
          news.key(),
          HexFormat.of().formatHex(known.digest()),
          news.door(),
          devices.getOrDefault(news.network(), List.of()).stream().map(Device::member).toList());
    }

    private NetworkStanding standing(Membership known) {
      NetworkId network = known.network().id();
      return new NetworkStanding(
          network, known.version(), text(keys.get(network)), null, text(doors.get(network)), null);
    }

    private static @Nullable String text(@Nullable NodeKey key) {
      return key == null ? null : Base64.getEncoder().encodeToString(key.signed());
    }

    /// Says by which key devices know it in a network.
    void tellDoor(NetworkId network, byte[] key) {
      doors.put(network, NodeKey.sign(identity, network, key, wall));
      tellDoor(network);
    }

    void tellDoor(NetworkId network) {
      step(
          new HubEvent.Networks(
              id, session, new ToHub.Networks(List.of(standing(networks.get(network))), null)));
    }

    NodeKey signed(NetworkId network, byte[] key) {
      return NodeKey.sign(Objects.requireNonNull(identity, "an identity"), network, key, wall);
    }

    /// Says the keys of its networks that the hub does not know.
    void tellKeys() {
      List<NetworkStanding> news = new ArrayList<>();
      for (Membership known : List.copyOf(networks.values())) {
        if (!known.keys().containsKey(id)) {
          keys.computeIfAbsent(
              known.network().id(),
              network -> signed(network, Objects.requireNonNull(identity).publicKey().data()));
          news.add(standing(known));
        }
      }
      step(new HubEvent.Networks(id, session, new ToHub.Networks(news, null)));
    }

    private void take(HubAction.SendNetworks told) {
      for (NetworkPart part : told.parts()) {
        Membership after = part.after();
        Change change =
            Change.of(
                after,
                part.from(),
                part.members(),
                part.nodes(),
                part.egress(),
                Change.seal(owner, after));
        membersHeard += change.set().size() + change.left().size();
        Membership before =
            networks.getOrDefault(after.network().id(), Membership.empty(after.network()));
        assertThat(change.apply(before)).isEqualTo(new Change.Outcome.Applied(after));
        networks.put(after.network().id(), after);
        if (part.devices() != null) {
          devices.put(after.network().id(), part.devices());
        } else if (part.from() == 0) {
          devices.remove(after.network().id());
        }
      }
      told.gone()
          .forEach(
              gone -> {
                networks.remove(gone);
                devices.remove(gone);
                keys.remove(gone);
              });
      told.reach().forEach(one -> reach.put(one.node(), one.addresses()));
    }

    void beat() {
      beat(revision, DesiredDigest.of(wanted.values()));
    }

    void beat(long revision, String digest) {
      Resources free = NODE;
      for (Order order : wanted.values()) {
        free = free.minus(order.workload().resources());
      }
      step(new HubEvent.Heartbeat(id, session, new ToHub.Heartbeat(revision, digest, free, nanos)));
    }

    void report(RunReport... runs) {
      step(new HubEvent.Reports(id, session, new ToHub.Reports(List.of(runs))));
    }

    void known(List<TaskId> asked, RunReport... runs) {
      step(new HubEvent.Known(id, session, new ToHub.Known(asked, List.of(runs))));
    }

    void cut() {
      step(new HubEvent.Disconnected(id, session));
      session = 0;
    }

    /// Its only order.
    Order only() {
      assertThat(wanted).as("set of %s", name).hasSize(1);
      return wanted.firstEntry().getValue();
    }

    <M extends ToProvider> M last(Class<M> type) {
      return heard.reversed().stream()
          .filter(type::isInstance)
          .map(type::cast)
          .findFirst()
          .orElseThrow(() -> new AssertionError(name + " heard no " + type.getSimpleName()));
    }

    private void take(ToProvider message) {
      heard.add(message);
      if (message instanceof ToProvider.DesiredSet set) {
        if (set.base() == ToProvider.DesiredSet.WHOLE) {
          wanted.clear();
        } else {
          assertThat(set.base()).as("base of a diff for %s", name).isEqualTo(revision);
        }
        set.put().forEach(order -> wanted.put(order.run(), order));
        set.remove().forEach(wanted::remove);
        revision = set.revision();
      }
    }
  }

  /// What the hub's own node takes part in.
  final TreeMap<NetworkId, Membership> own = new TreeMap<>();

  /// Those that it lets in.
  final Map<NetworkId, List<Device>> ownDevices = new HashMap<>();

  /// Who owns the networks.
  final Identity owner = Identity.generate();

  SimStore store = new SimStore();
  HubMachine machine;
  long nanos = 5_000_000_000L;
  Instant wall = Instant.parse("2026-03-01T12:00:00Z");
  final Map<PeerId, Node> nodes = new HashMap<>();
  @Nullable Decision last;
  @Nullable Answer answer;
  private long sessions;
  private int tasks;

  HubFixture() {
    machine = load();
  }

  private HubMachine load() {
    return new HubMachine(CONFIG, HubState.load(store), now());
  }

  /// The hub dies and starts again.
  void restart() {
    machine = load();
  }

  Now now() {
    return new Now(nanos, wall);
  }

  Node node(String name) {
    Node node = new Node(name, (char) ('A' + nodes.size()));
    nodes.put(node.id, node);
    return node;
  }

  /// Joined and connected, of a version that knows private networks.
  Node networked(String name) {
    Node node = new Node(name, Identity.generate());
    nodes.put(node.id, node);
    return node.join().hello();
  }

  /// Joined and connected.
  Node online(String name) {
    return node(name).join().hello();
  }

  List<HubAction> step(HubEvent event) {
    Decision decision = machine.step(now(), event);
    last = decision;
    List<Outcome> outcomes =
        store.commit(List.of(new Transaction(decision.preconditions(), decision.changes())));
    assertThat(outcomes.getFirst()).isInstanceOf(Outcome.Applied.class);
    for (HubAction action : decision.actions()) {
      switch (action) {
        case HubAction.Send send -> {
          Node node = nodes.get(send.node());
          if (node != null && (node.session == send.session())) {
            node.take(send.message());
          }
        }
        case HubAction.SendNetworks told -> {
          Node node = nodes.get(told.node());
          if (node != null && node.session == told.session()) {
            node.take(told);
          }
        }
        case HubAction.Own own -> {
          this.own.put(own.after().network().id(), own.after());
          ownDevices.put(own.after().network().id(), own.devices());
        }
        case HubAction.OwnGone gone -> {
          own.remove(gone.network());
          ownDevices.remove(gone.network());
        }
        case HubAction.Reply reply -> answer = reply.answer();
        case HubAction.Close _ -> {}
      }
    }
    return decision.actions();
  }

  /// Time passes; these nodes send heartbeats.
  void pass(Duration duration, Node... beating) {
    long end = nanos + duration.toNanos();
    while (nanos < end) {
      long part = Math.min(250_000_000L, end - nanos);
      nanos += part;
      wall = wall.plusNanos(part);
      for (Node node : beating) {
        node.beat();
      }
      step(new HubEvent.Tick());
    }
  }

  static TaskSpec spec(Resources resources) {
    return spec(null, resources, TaskSpec.Restart.Policy.NEVER, TaskSpec.OnDisconnect.KEEP);
  }

  static TaskSpec spec(
      @Nullable String name,
      Resources resources,
      TaskSpec.Restart.Policy policy,
      TaskSpec.OnDisconnect onDisconnect) {
    return new TaskSpec(
        name,
        new Workload(
            "process",
            null,
            List.of("/bin/true"),
            Map.of(),
            resources,
            10,
            List.of(),
            false,
            Workload.Isolation.SANDBOX),
        50,
        null,
        new TaskSpec.Restart(policy, 3, 3),
        onDisconnect,
        0,
        5);
  }

  TaskId submit(TaskSpec spec) {
    TaskId id = nextId();
    step(new HubEvent.Submit(1, id, spec, new Authority("k1", List.of()), null));
    assertThat(answer).isInstanceOf(Answer.Task.class);
    return id;
  }

  TaskId nextId() {
    return new TaskId("t" + String.format("%012d", ++tasks));
  }

  TaskId submit() {
    return submit(spec(SMALL));
  }

  TaskRow row(TaskId id) {
    return store.read(new Query.TaskById(id)).orElseThrow();
  }

  RunRow run(TaskId id) {
    return store.read(new Query.RunsOf(id)).getLast();
  }

  TaskView view(TaskId id) {
    return machine.task(now(), id).orElseThrow();
  }

  RunReport told(RunId run, long seq, RunState state) {
    return new RunReport(run, seq, state, "", wall, null, null, List.of(), null);
  }

  RunReport exited(RunId run, long seq, Exit exit) {
    return new RunReport(
        run, seq, RunState.EXITED, exit.detail(), wall, null, exit, List.of(), null);
  }

  RunReport withOrder(RunReport report, Order order) {
    return new RunReport(
        report.run(),
        report.seq(),
        report.state(),
        report.detail(),
        report.at(),
        report.startedAt(),
        report.exit(),
        report.endpoints(),
        order);
  }

  Answer.Failed failure() {
    assertThat(answer).isInstanceOf(Answer.Failed.class);
    return (Answer.Failed) answer;
  }

  boolean isAcked(RunId run, long seq) {
    return nodes.values().stream()
        .flatMap(node -> node.heard.stream())
        .anyMatch(
            message ->
                message instanceof ToProvider.Acks acks
                    && acks.acks().contains(new ToProvider.Ack(run, seq)));
  }

  void setRestored() {
    store.commit(
        List.of(
            new Transaction(
                List.of(), List.of(new io.atoll.daemon.store.Change.PutRestored(true)))));
    restart();
  }

  /// A task that runs on the only node that is connected.
  TaskId running(Node node, TaskSpec spec) {
    Set<RunId> before = Set.copyOf(node.wanted.keySet());
    TaskId id = submit(spec);
    RunId run =
        node.wanted.keySet().stream().filter(r -> !before.contains(r)).findFirst().orElseThrow();
    node.report(told(run, 3, RunState.RUNNING));
    return id;
  }
}
