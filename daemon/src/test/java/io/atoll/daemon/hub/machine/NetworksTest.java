package io.atoll.daemon.hub.machine;

import static io.atoll.daemon.hub.machine.HubFixture.SMALL;
import static io.atoll.daemon.hub.machine.HubFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.EgressRuleUse;
import io.atoll.client.api.EgressRuleView;
import io.atoll.client.api.EgressSum;
import io.atoll.client.api.EgressUse;
import io.atoll.client.api.EgressView;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskSpec.OnDisconnect;
import io.atoll.client.api.TaskSpec.Restart.Policy;
import io.atoll.client.api.TaskState;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.Exit;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.machine.HubFixture.Node;
import io.atoll.daemon.sim.SimStore;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.SeatRow;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.NetworkSeat;
import io.atoll.market.activity.RunState;
import io.atoll.market.activity.ToHub;
import io.atoll.market.agreement.Networking;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.NodeKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NetworksTest {
  private static final Cidr BLOCK = Cidr.parse("10.7.0.0/29");

  private final HubFixture hub = new HubFixture();
  private int networks;

  private NetworkView create(String name, @Nullable Cidr block, boolean all) {
    NetworkId id = new NetworkId("n" + String.format("%012d", ++networks));
    hub.step(new HubEvent.CreateNetwork(1, id, hub.owner.id(), name, block, all));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    return hub.machine.network(name).orElseThrow();
  }

  private static TaskSpec in(@Nullable String name, String... seats) {
    return spec(name, SMALL, Policy.ON_FAILURE, OnDisconnect.REPLACE)
        .withNetworks(
            Arrays.stream(seats)
                .map(
                    seat -> {
                      String[] parts = seat.split("=", 2);
                      return new TaskSpec.Seat(
                          parts[0], parts.length < 2 ? null : IpAddress.parse(parts[1]));
                    })
                .toList());
  }

  private Answer.Failed refused(TaskSpec spec) {
    hub.step(new HubEvent.Submit(1, hub.nextId(), spec, new Authority("k1", List.of()), null));
    return hub.failure();
  }

  private MemberView member(String network, TaskId task) {
    return hub.machine.members(network).orElseThrow().stream()
        .filter(one -> one.id().equals(task.text()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aNetworkGetsABlockOfItsOwnAndAName() {
    NetworkView first = create("mynet", null, false);
    NetworkView second = create("other", null, false);
    assertThat(first.v4().toString()).isEqualTo("10.96.0.0/24");
    assertThat(second.v4().toString()).isEqualTo("10.96.1.0/24");
    assertThat(first.v6()).isNotEqualTo(second.v6());
    assertThat(first.domain()).isEqualTo("mynet.internal");
    NetworkId id = new NetworkId("n000000000099");
    hub.step(new HubEvent.CreateNetwork(1, id, hub.owner.id(), "mynet", null, false));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    hub.restart();
    assertThat(hub.machine.networks()).containsExactly(first, second);
  }

  private static final EgressView HTTPS =
      new EgressView(
          List.of(new EgressRuleView("allow", "0.0.0.0/0", "tcp", "443")), List.of("9.9.9.9"));

  private void egress(String network, EgressView egress) {
    hub.step(new HubEvent.SetEgress(1, network, EgressText.read(egress)));
  }

  @Test
  void whatMayLeaveANetworkIsToldToItsNodesAndKept() {
    create("mynet", BLOCK, false);
    hub.submit(in("web", "mynet"));
    Node node = hub.networked("a");
    Membership before = node.networks.get(networkId("mynet"));
    assertThat(before.egress()).isEqualTo(Egress.NONE);
    egress("mynet", HTTPS);
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    Membership after = node.networks.get(networkId("mynet"));
    assertThat(after.version()).isEqualTo(before.version() + 1);
    assertThat(after.members()).isEqualTo(before.members());
    assertThat(after.egress()).isEqualTo(EgressText.read(HTTPS));
    // The same again is no change; of who comes later nothing about it is told but to newcomers.
    egress("mynet", HTTPS);
    assertThat(node.networks.get(networkId("mynet")).version()).isEqualTo(after.version());
    hub.submit(in("db", "mynet"));
    assertThat(node.networks.get(networkId("mynet")).egress()).isEqualTo(after.egress());
    hub.restart();
    EgressView kept = hub.machine.egress("mynet").orElseThrow();
    assertThat(kept.rules()).isEqualTo(HTTPS.rules());
    assertThat(kept.resolvers()).containsExactly("9.9.9.9:53");
    egress("nowhere", HTTPS);
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.NOT_FOUND);
  }

  private void counted(Node node, Instant since, long denied, long[] rule, String member) {
    NetworkEgress.Sum sum = new NetworkEgress.Sum(rule[0], rule[1], rule[0] + 1, 40, 2);
    String words = EgressText.read(HTTPS).rules().getFirst().toString();
    NetworkEgress told =
        new NetworkEgress(
            networkId("mynet"),
            since,
            sum,
            denied,
            List.of(
                new NetworkEgress.OfRule(words, rule[0], rule[1]),
                new NetworkEgress.OfRule("allow everything", 7, 7)),
            List.of(
                new NetworkEgress.OfMember(member, sum),
                new NetworkEgress.OfMember("somebody else", sum)));
    hub.step(new HubEvent.Egresses(node.id, node.session, new ToHub.Egress(List.of(told))));
  }

  @Test
  void whatLeftANetworkIsAddedUpOverItsNodesAndTheirRestarts() {
    create("mynet", BLOCK, false);
    egress("mynet", HTTPS);
    TaskId web = hub.submit(in("web", "mynet"));
    Node a = hub.networked("a");
    String run = a.only().run().toString();
    TaskId db = hub.submit(in("db", "mynet"));
    assertThat(hub.machine.network("mynet").orElseThrow().egress())
        .isEqualTo(
            new EgressUse(
                0, 0, 0, 0, 0, 0, List.of(new EgressRuleUse("allow 0.0.0.0/0 tcp 443", 0, 0))));

    Instant first = Instant.EPOCH;
    counted(a, first, 1, new long[] {10, 1000}, run);
    counted(a, first, 1, new long[] {10, 1000}, run); // It says it again.
    counted(a, first, 3, new long[] {15, 1500}, run);
    EgressUse use = hub.machine.network("mynet").orElseThrow().egress();
    assertThat(use)
        .isEqualTo(
            new EgressUse(
                15,
                1500,
                16,
                40,
                2,
                3,
                List.of(new EgressRuleUse("allow 0.0.0.0/0 tcp 443", 15, 1500))));
    assertThat(member("mynet", web).egress()).isEqualTo(new EgressSum(15, 1500, 16, 40, 2));
    assertThat(member("mynet", db).egress()).isEqualTo(new EgressSum(0, 0, 0, 0, 0));

    // Its daemon was started anew, and has counted further than before already.
    counted(a, first.plusSeconds(9), 0, new long[] {20, 2000}, run);
    assertThat(hub.machine.network("mynet").orElseThrow().egress())
        .extracting(EgressUse::packets, EgressUse::bytes, EgressUse::denied)
        .containsExactly(35L, 3500L, 3L);
    assertThat(member("mynet", web).egress()).isEqualTo(new EgressSum(35, 3500, 37, 80, 4));

    // Who holds no member of it has no say.
    Node stranger = hub.networked("b");
    assertThat(stranger.wanted).isEmpty();
    counted(stranger, first, 0, new long[] {99, 9900}, run);
    assertThat(hub.machine.network("mynet").orElseThrow().egress().packets()).isEqualTo(35);
    // A rule that is gone has no counts; what left by it stays counted.
    egress("mynet", new EgressView(List.of(), List.of()));
    EgressUse after = hub.machine.network("mynet").orElseThrow().egress();
    assertThat(after.rules()).isEmpty();
    assertThat(after.packets()).isEqualTo(35);
  }

  @Test
  void aTaskHasItsAddressFromItsSubmissionToItsEndWhereverItRuns() {
    create("mynet", BLOCK, false);
    TaskId task = hub.submit(in("web", "mynet"));
    MemberView waiting = member("mynet", task);
    assertThat(waiting.present()).isFalse();
    assertThat(waiting.v4().toString()).isEqualTo("10.7.0.2");
    assertThat(waiting.host()).isEqualTo("web.mynet.internal");

    Node a = hub.networked("a");
    Node b = hub.networked("b");
    Node first = a.wanted.isEmpty() ? b : a;
    Node second = first == a ? b : a;
    assertThat(first.only().seats())
        .containsExactly(new NetworkSeat(networkId("mynet"), waiting.v4()));
    Membership told = first.networks.get(networkId("mynet"));
    assertThat(told.members().keySet()).containsExactly(first.only().run().toString());
    assertThat(second.networks).isEmpty();

    first.report(
        hub.told(first.only().run(), 1, RunState.RUNNING),
        hub.exited(first.only().run(), 2, Exit.startFailed("no room")));
    assertThat(first.networks).isEmpty();
    Node now = a.wanted.isEmpty() ? b : a;
    assertThat(now.networks.get(networkId("mynet")).members().values())
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.v4()).isEqualTo(waiting.v4());
              assertThat(it.node()).isEqualTo(now.id);
              assertThat(it.id()).isEqualTo(now.only().run().toString());
            });

    now.report(hub.exited(now.only().run(), 1, new Exit(Exit.Cause.EXITED, 0, "")));
    assertThat(hub.row(task).state()).isEqualTo(TaskState.SUCCEEDED);
    assertThat(hub.machine.members("mynet").orElseThrow()).isEmpty();
    assertThat(hub.store.read(new Query.Seats())).isEmpty();
    assertThat(now.networks).isEmpty();
  }

  private NetworkId networkId(String name) {
    return hub.machine.network(name).orElseThrow().id();
  }

  @Test
  void aSilentNodesTasksKeepTheirAddressesAndAReplacedOneTakesItAlong() {
    create("mynet", BLOCK, false);
    Node a = hub.networked("a");
    TaskId task = hub.running(a, in("web", "mynet"));
    IpAddress address = member("mynet", task).v4();
    Node b = hub.networked("b");
    hub.pass(Duration.ofSeconds(5), b);
    assertThat(member("mynet", task).node()).isEqualTo(a.id);
    hub.pass(Duration.ofSeconds(60), b);
    assertThat(member("mynet", task).v4()).isEqualTo(address);
    assertThat(member("mynet", task).node()).isEqualTo(b.id);
    assertThat(b.networks.get(networkId("mynet")).members()).hasSize(1);
  }

  @Test
  void whatCannotBeIsSaidAtOnce() {
    create("mynet", BLOCK, false);
    create("twin", BLOCK, false);
    Node a = hub.networked("a");
    hub.running(a, in("web", "mynet=10.7.0.5"));
    assertThat(refused(in("x", "nonet")).code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(refused(in("x", "mynet=10.7.0.5")).code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(refused(in("x", "mynet=10.7.0.5")).hint()).contains("atoll net members mynet");
    assertThat(refused(in("x", "mynet=10.8.0.5")).code()).isEqualTo(ErrorCode.BAD_REQUEST);
    assertThat(refused(in("x", "mynet=10.7.0.1")).code()).isEqualTo(ErrorCode.BAD_REQUEST);
    assertThat(refused(in("x", "mynet", "twin")).message()).contains("overlap");
    // A /29 has five addresses for members, one of which is taken.
    for (int i = 0; i < 4; i++) {
      hub.submit(in(null, "mynet"));
    }
    assertThat(refused(in("x", "mynet")).code()).isEqualTo(ErrorCode.NO_CAPACITY);
    assertThat(hub.store.read(new Query.Seats())).hasSize(5);

    hub.step(new HubEvent.RemoveNetwork(1, "mynet"));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(hub.failure().message()).contains("web");
  }

  @Test
  void aNetworkThatIsRemovedLeavesNothing() {
    NetworkView made = create("mynet", BLOCK, false);
    Node a = hub.networked("a");
    hub.running(a, in("web", "mynet"));
    a.tellKeys();
    assertThat(hub.store.read(new Query.NodeKeys())).hasSize(1);
    a.report(hub.exited(a.only().run(), 4, new Exit(Exit.Cause.EXITED, 0, "")));
    assertThat(hub.store.read(new Query.NodeKeys())).isEmpty();
    hub.step(new HubEvent.RemoveNetwork(1, made.id().text()));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(hub.machine.networks()).isEmpty();
    assertThat(hub.store.read(new Query.Networks())).isEmpty();
    assertThat(a.networks).isEmpty();
  }

  @Test
  void aNodeThatWasAwayWhenItsNetworkWentIsToldWhenItIsBack() {
    create("mynet", BLOCK, false);
    Node a = hub.networked("a");
    TaskId task = hub.running(a, in("web", "mynet"));
    a.cut();
    hub.step(new HubEvent.StopTask(1, task));
    hub.step(new HubEvent.NodeForgotten(1, a.id));
    hub.step(new HubEvent.RemoveNetwork(1, "mynet"));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(a.networks).isNotEmpty();
    a.join().hello();
    assertThat(a.networks).isEmpty();
  }

  @Test
  void keysAreSpreadAndAForeignOneIsNot() {
    create("mynet", BLOCK, false);
    Node a = hub.networked("a");
    hub.running(a, in("one", "mynet"));
    a.tellKeys();
    Node b = hub.networked("b");
    a.beat();
    hub.running(b, onlyOn(b, in("two", "mynet")));
    b.keys.put(networkId("mynet"), a.keys.get(networkId("mynet")));
    b.tellKeys();
    assertThat(b.networks.get(networkId("mynet")).keys()).containsOnlyKeys(a.id);
    b.keys.put(
        networkId("mynet"), b.signed(networkId("mynet"), a.keys.get(networkId("mynet")).key()));
    b.tellKeys();
    assertThat(b.networks.get(networkId("mynet")).keys())
        .as("signed by b, and a's")
        .containsOnlyKeys(a.id);
    b.keys.clear();
    b.tellKeys();
    assertThat(a.networks.get(networkId("mynet")).keys()).containsOnlyKeys(a.id, b.id);
    assertThat(a.networks).isEqualTo(b.networks);
    hub.restart();
    a.hello(hub.told(a.only().run(), 3, RunState.RUNNING));
    assertThat(a.networks).isEqualTo(b.networks);
  }

  private static TaskSpec onlyOn(Node node, TaskSpec spec) {
    return new TaskSpec(
        spec.name(),
        spec.workload(),
        spec.priority(),
        node.id.text(),
        spec.restart(),
        spec.onDisconnect(),
        0,
        5,
        spec.networks());
  }

  @Test
  void aChangeCostsWhatChangedAndWhoIsFarBehindGetsTheWhole() {
    create("mynet", Cidr.parse("10.7.0.0/24"), false);
    Node a = hub.networked("a");
    Node b = hub.networked("b");
    hub.running(a, onlyOn(a, in("a0", "mynet")));
    hub.submit(onlyOn(b, in("b0", "mynet")));
    b.report(hub.told(b.only().run(), 1, RunState.RUNNING));
    int before = b.membersHeard;
    hub.submit(onlyOn(a, in("a1", "mynet")));
    assertThat(b.membersHeard).isEqualTo(before + 1);
    a.tellKeys();
    assertThat(b.membersHeard).isEqualTo(before + 1);

    var run = b.only().run();
    b.cut();
    hub.submit(onlyOn(a, in("a2", "mynet")));
    b.hello(hub.told(run, 1, RunState.RUNNING));
    assertThat(b.membersHeard).isEqualTo(before + 2);
    hub.restart();
    b.networks.replaceAll((_, known) -> Membership.empty(known.network()));
    b.hello(hub.told(run, 1, RunState.RUNNING));
    assertThat(b.networks.get(networkId("mynet")).members()).hasSize(4);
  }

  @Test
  void aStoreThatWentBackInTimeIsAheadOfWhatNodesWereTold() {
    create("mynet", BLOCK, false);
    Node a = hub.networked("a");
    TaskId task = hub.running(a, in("web", "mynet"));
    var backup = hub.store;
    hub.store = copy(hub);
    for (int i = 0; i < 3; i++) {
      hub.step(
          new HubEvent.TakeSeat(
              1, "mynet", SeatRow.Kind.NODE, "d" + i, "d" + i, hub.owner.id(), null));
    }
    long version = a.networks.get(networkId("mynet")).version();
    hub.store = backup;
    hub.restart();
    a.hello(hub.told(a.only().run(), 3, RunState.RUNNING));
    Membership now = a.networks.get(networkId("mynet"));
    assertThat(now.version()).isGreaterThan(version);
    assertThat(now.members()).hasSize(1);
    assertThat(hub.row(task).state()).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void twoListsOfOneVersionAreNoticedAndTheWholeIsTold() {
    create("mynet", BLOCK, false);
    Node a = hub.networked("a");
    hub.running(a, in("web", "mynet"));
    var backup = hub.store;
    hub.store = copy(hub);
    take("lost");
    Membership lost = a.networks.get(networkId("mynet"));
    a.cut();
    hub.store = backup;
    hub.restart();
    take("other");
    assertThat(hub.machine.membership("mynet").orElseThrow().version()).isEqualTo(lost.version());
    a.hello(hub.told(a.only().run(), 3, RunState.RUNNING));
    assertThat(a.networks.get(networkId("mynet")))
        .isEqualTo(hub.machine.membership("mynet").orElseThrow());
    assertThat(a.networks.get(networkId("mynet")).members()).containsKey("other");
  }

  private void take(String device) {
    hub.step(
        new HubEvent.TakeSeat(1, "mynet", SeatRow.Kind.NODE, device, device, hub.owner.id(), null));
  }

  private static SimStore copy(HubFixture hub) {
    return SimStore.copyOf(hub.store);
  }

  @Test
  void aNodeThatKnowsNoNetworksGetsNoTaskOfOneAndItIsSaidWhy() {
    create("mynet", BLOCK, false);
    Node old = hub.online("old");
    TaskId task = hub.submit(in("web", "mynet"));
    assertThat(old.wanted).isEmpty();
    assertThat(hub.view(task).waiting().nodes().getFirst().reasons())
        .contains("it knows no private networks");
    assertThat(hub.view(task).waiting().smallestChange()).contains("upgrade Atoll on old");
    Node young = hub.networked("young");
    assertThat(young.only().seats()).hasSize(1);
  }

  @Test
  void aMemberThatWaitsGetsAnotherAddressAndOneThatRunsOnlyWhereItsDriverCan() {
    create("mynet", BLOCK, false);
    TaskId task = hub.submit(in("web", "mynet"));
    IpAddress to = IpAddress.parse("10.7.0.6");
    hub.step(new HubEvent.MoveMember(1, "mynet", "web", to));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(member("mynet", task).v4()).isEqualTo(to);
    assertThat(member("mynet", task).v6().toString()).endsWith(":6");

    Node a = hub.networked("a");
    assertThat(a.only().seats().getFirst().v4()).isEqualTo(to);
    IpAddress again = IpAddress.parse("10.7.0.4");
    hub.step(new HubEvent.MoveMember(1, "mynet", task.text(), again));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.DRIVER_CANNOT);
    a.networking = new Networking(List.of("process"), List.of("process"), false);
    a.hello(hub.told(a.only().run(), 1, RunState.RUNNING));
    hub.step(new HubEvent.MoveMember(1, "mynet", task.text(), again));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(a.networks.get(networkId("mynet")).members().values())
        .singleElement()
        .satisfies(it -> assertThat(it.v4()).isEqualTo(again));
  }

  @Test
  void allProvidersHaveASeatAndAreMembersWhereTheirOwnersAllowIt() {
    Node a = hub.networked("a");
    create("pool", null, true);
    assertThat(hub.machine.members("pool").orElseThrow())
        .singleElement()
        .satisfies(it -> assertThat(it.present()).isFalse());
    a.networking = new Networking(List.of("process"), List.of(), true);
    a.hello();
    assertThat(a.networks.get(networkId("pool")).members()).containsOnlyKeys(a.id.text());
    IpAddress address = hub.machine.members("pool").orElseThrow().getFirst().v4();
    a.cut();
    a.hello();
    assertThat(hub.machine.members("pool").orElseThrow().getFirst().v4()).isEqualTo(address);
    NetworkId id = new NetworkId("n000000000099");
    Cidr same = hub.machine.network("pool").orElseThrow().v4();
    hub.step(new HubEvent.CreateNetwork(1, id, hub.owner.id(), "more", same, true));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    hub.step(new HubEvent.NodeForgotten(1, a.id));
    assertThat(hub.machine.members("pool").orElseThrow()).isEmpty();
  }

  @Test
  void aHubThatIsNoProviderIsANodeOfItsOwn() {
    create("mynet", BLOCK, false);
    hub.step(new HubEvent.OwnNode(null, List.of("192.0.2.9:7470")));
    Node a = hub.networked("a");
    hub.submit(onlyOn(a, in("one", "mynet")));
    assertThat(hub.own).isEmpty();
    hub.step(
        new HubEvent.TakeSeat(1, "mynet", SeatRow.Kind.GATE, "gate", "gate", hub.owner.id(), null));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(hub.own.get(networkId("mynet")).members()).hasSize(2);
    assertThat(a.reach).containsEntry(hub.owner.id(), List.of("192.0.2.9:7470"));
    NodeKey key = NodeKey.sign(hub.owner, networkId("mynet"), new byte[32], hub.wall);
    hub.step(new HubEvent.OwnNode(key, null));
    assertThat(a.networks.get(networkId("mynet")).keys()).containsOnlyKeys(hub.owner.id());

    hub.own.clear();
    hub.restart();
    hub.step(new HubEvent.OwnNode(null, null));
    assertThat(hub.own).containsOnlyKeys(networkId("mynet"));
    hub.step(new HubEvent.LeaveSeat(1, "mynet", "gate"));
    assertThat(hub.own).isEmpty();
    assertThat(hub.store.read(new Query.NodeKeys())).isEmpty();
  }

  @Test
  void nodesHearWhereTheOthersAre() {
    create("mynet", BLOCK, false);
    Node a = hub.networked("a");
    a.addresses = List.of("192.0.2.1:7470");
    a.hello();
    Node b = hub.networked("b");
    hub.submit(onlyOn(a, in("one", "mynet")));
    assertThat(b.reach).isEmpty();
    hub.submit(onlyOn(b, in("two", "mynet")));
    assertThat(b.reach).containsEntry(a.id, List.of("192.0.2.1:7470"));
    PeerId other = b.id;
    hub.step(
        new HubEvent.Networks(
            b.id, b.session, new ToHub.Networks(List.of(), List.of("192.0.2.2:7470"))));
    assertThat(a.reach).containsEntry(other, List.of("192.0.2.2:7470"));
  }
}
