package io.atoll.daemon.provider.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.core.time.Now;
import io.atoll.daemon.journal.Agreement;
import io.atoll.daemon.sim.SimJournal;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.NetworkPush;
import io.atoll.market.activity.NetworkSeat;
import io.atoll.market.activity.NetworkStanding;
import io.atoll.market.activity.NodeReach;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunState;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import io.atoll.market.agreement.Networking;
import io.atoll.market.agreement.Terms;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.device.SignedDevices;
import io.atoll.vpn.network.Change;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a provider believes of networks, and what is left of it after a restart.
class ProviderNetworksTest {
  private static final RunId RUN = new RunId(new TaskId("t000000000001"), new Epoch(1, 1));
  private static final NetworkId ID = new NetworkId("n000000000001");

  private final Identity hub = Identity.generate();
  private final Identity self = Identity.generate();
  private final Identity other = Identity.generate();
  private final Network network = Network.of(ID, "mynet", hub.id(), Cidr.parse("10.7.0.0/24"));
  private final SimJournal journal = new SimJournal();
  private ProviderMachine machine;
  private long nanos = 7_000_000_000L;
  private final Instant wall = Instant.parse("2026-03-01T12:00:00Z");
  private List<ProviderAction> actions = List.of();
  private long session;
  private long revision;

  @BeforeEach
  void join() {
    start();
    step(
        new ProviderEvent.Joined(
            new Agreement(hub.id(), List.of(), new Terms(List.of("process"), false, false), wall)));
    connect();
  }

  private void start() {
    ProviderConfig config =
        new ProviderConfig(
            "prov",
            "test",
            "linux",
            "amd64",
            new Resources(2000, 2048, 0),
            List.of("process"),
            List.of(),
            Map.of(),
            "boot",
            List.of(),
            new Networking(List.of("process"), List.of(), false));
    machine = new ProviderMachine(self.id(), config, journal.load(), new Now(nanos, wall));
  }

  private void step(ProviderEvent event) {
    ProviderDecision decision = machine.step(new Now(nanos, wall), event);
    journal.commit(decision.changes());
    actions = decision.actions();
  }

  private ToHub.Hello connect() {
    step(new ProviderEvent.SessionUp(hub.id(), ++session));
    ToHub.Hello hello = sent(ToHub.Hello.class).getFirst();
    say(new ToProvider.Welcome(1, "test", 1000, 10_000));
    return hello;
  }

  private void say(ToProvider message) {
    step(new ProviderEvent.FromHub(hub.id(), session, message));
  }

  private <M extends ToHub> List<M> sent(Class<M> type) {
    return did(ProviderAction.Send.class).stream()
        .map(ProviderAction.Send::message)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private <A> List<A> did(Class<A> type) {
    return actions.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private Membership at(long version, Member... members) {
    TreeMap<String, Member> all = new TreeMap<>();
    Arrays.stream(members).forEach(member -> all.put(member.id(), member));
    return new Membership(network, version, all, new TreeMap<>());
  }

  private Member member(String id, PeerId node, int number) {
    return new Member(
        id, "web", node, network.v4().base().plus(number), network.v6().base().plus(number));
  }

  private void push(Identity signer, Membership before, Membership after, NodeReach... reach) {
    push(signer, before, after, null, reach);
  }

  private void push(
      Identity signer,
      Membership before,
      Membership after,
      byte @Nullable [] devices,
      NodeReach... reach) {
    Change honest =
        Change.of(
            after,
            before.version(),
            java.util.stream.Stream.concat(
                    before.members().keySet().stream(), after.members().keySet().stream())
                .distinct()
                .toList(),
            List.of(),
            false,
            Change.seal(signer, after));
    say(
        new ToProvider.Networks(
            List.of(
                new NetworkPush(
                    ID,
                    1420,
                    Json.mapper().valueToTree(network),
                    Json.mapper().valueToTree(honest),
                    devices == null ? null : Base64.getEncoder().encodeToString(devices))),
            List.of(),
            List.of(reach)));
  }

  private Order order() {
    return new Order(
        RUN,
        new Workload(
            "process",
            null,
            List.of("/bin/true"),
            Map.of(),
            new Resources(500, 512, 0),
            10,
            List.of(),
            false,
            Workload.Isolation.SANDBOX),
        Desired.RUN,
        1,
        0,
        0,
        new Authority("k", List.of()),
        "{}",
        false,
        List.of(new NetworkSeat(ID, IpAddress.parse("10.7.0.2"))));
  }

  private void ordered() {
    say(
        new ToProvider.DesiredSet(
            ++revision, ToProvider.DesiredSet.WHOLE, List.of(order()), List.of()));
  }

  @Test
  void aNetworkIsJoinedBeforeItsRunStartsAndIsThereAfterACrashWithoutTheHub() {
    Membership first = at(1, member(RUN.toString(), self.id(), 2));
    NodeReach reach = new NodeReach(other.id(), List.of("192.0.2.1:7470"));
    push(hub, Membership.empty(network), first);
    assertThat(did(ProviderAction.PutNetwork.class).getFirst().membership()).isEqualTo(first);
    assertThat(journal.networks.get(ID).membership()).isEqualTo(first);
    ordered();
    assertThat(did(ProviderAction.StartRun.class)).hasSize(1);

    Membership second = at(2, member(RUN.toString(), self.id(), 2), member("b", other.id(), 3));
    push(hub, first, second, reach);
    assertThat(journal.networks.get(ID).version()).isEqualTo(1);
    nanos += Duration.ofSeconds(2).toNanos();
    step(new ProviderEvent.Tick());
    assertThat(journal.networks.get(ID).membership()).isEqualTo(second);
    assertThat(journal.networks.get(ID).reach()).containsExactly(reach);

    start();
    ToHub.Hello hello = connect();
    assertThat(hello.networks())
        .containsExactly(
            new NetworkStanding(
                ID, 2, null, HexFormat.of().formatHex(second.digest()), null, List.of()));
  }

  @Test
  void aRunWhoseNetworkIsNotKnownDoesNotStart() {
    ordered();
    assertThat(did(ProviderAction.StartRun.class)).isEmpty();
    assertThat(sent(ToHub.Reports.class).getFirst().runs().getFirst().state())
        .isEqualTo(RunState.EXITED);
    assertThat(sent(ToHub.Reports.class).getFirst().runs().getFirst().detail()).contains("network");
  }

  @Test
  void onlyItsOwnersWordIsTakenAndOnlyWhole() {
    Membership first = at(1, member(RUN.toString(), self.id(), 2));
    push(other, Membership.empty(network), first);
    assertThat(did(ProviderAction.PutNetwork.class)).isEmpty();
    assertThat(did(ProviderAction.Complain.class)).hasSize(1);
    push(hub, Membership.empty(network), first);

    Membership third = at(3, member(RUN.toString(), self.id(), 2), member("c", other.id(), 4));
    push(hub, at(2, member("b", other.id(), 3)), third);
    assertThat(did(ProviderAction.PutNetwork.class)).isEmpty();
    assertThat(sent(ToHub.Networks.class).getFirst().networks())
        .containsExactly(new NetworkStanding(ID, 0, null));
    push(hub, Membership.empty(network), third);
    assertThat(did(ProviderAction.PutNetwork.class).getFirst().membership()).isEqualTo(third);
    // An old one that was long on its way changes nothing.
    push(hub, Membership.empty(network), first);
    assertThat(did(ProviderAction.PutNetwork.class)).isEmpty();
    assertThat(did(ProviderAction.Complain.class)).isEmpty();
  }

  @Test
  void aHubSaysNothingOfAnothersNetwork() {
    push(hub, Membership.empty(network), at(1, member(RUN.toString(), self.id(), 2)));
    Identity second = Identity.generate();
    step(
        new ProviderEvent.Joined(
            new Agreement(
                second.id(), List.of(), new Terms(List.of("process"), false, false), wall)));
    step(new ProviderEvent.SessionUp(second.id(), 99));
    step(
        new ProviderEvent.FromHub(
            second.id(), 99, new ToProvider.Networks(List.of(), List.of(ID), List.of())));
    assertThat(did(ProviderAction.LeaveNetwork.class)).isEmpty();
    say(new ToProvider.Networks(List.of(), List.of(ID), List.of()));
    assertThat(did(ProviderAction.LeaveNetwork.class)).hasSize(1);
    assertThat(journal.networks).isEmpty();
  }

  @Test
  void itsKeyIsToldOnceItIsThereAndWithEachHello() {
    push(hub, Membership.empty(network), at(1, member(RUN.toString(), self.id(), 2)));
    NodeKey key = NodeKey.sign(self, ID, new byte[32], wall);
    step(new ProviderEvent.NetworkKey(key));
    NetworkStanding told = sent(ToHub.Networks.class).getFirst().networks().getFirst();
    assertThat(told.version()).isEqualTo(1);
    assertThat(told.key()).isNotNull();
    step(new ProviderEvent.NetworkKey(key));
    assertThat(actions).isEmpty();
    step(new ProviderEvent.NetworkAddresses(List.of("192.0.2.7:1")));
    assertThat(sent(ToHub.Networks.class).getFirst().addresses()).containsExactly("192.0.2.7:1");
    assertThat(connect().networks())
        .singleElement()
        .satisfies(again -> assertThat(again.key()).isEqualTo(told.key()));
  }

  private byte[] sealed(Identity by, long version, List<Device> devices) {
    return SignedDevices.seal(by, ID, self.id(), version, devices);
  }

  private static Device device(String member) {
    byte[] key = Arrays.copyOf(member.getBytes(StandardCharsets.US_ASCII), PublicKey.BYTES);
    return new Device(member, new PublicKey(key), new PresharedKey(new byte[32]));
  }

  private List<Device> letIn() {
    return did(ProviderAction.PutNetwork.class).getFirst().devices();
  }

  @Test
  void devicesAreLetInAsTheOwnerSaidAlsoAfterACrash() {
    Membership first = at(1, member("d1", self.id(), 2));
    push(hub, Membership.empty(network), first, sealed(hub, 1, List.of(device("d1"))));
    assertThat(letIn()).containsExactly(device("d1"));
    Membership second = at(2, member("d1", self.id(), 2), member("b", other.id(), 3));
    push(hub, first, second);
    assertThat(letIn()).as("nothing was said of them").containsExactly(device("d1"));
    start();
    assertThat(connect().networks())
        .extracting(NetworkStanding::devices)
        .containsExactly(List.of("d1"));
    assertThat(journal.networks.get(ID).devices(self.id()).devices()).containsExactly(device("d1"));
    Membership third = at(3, member("web", self.id(), 4));
    push(hub, first, third, sealed(hub, 3, List.of()));
    assertThat(letIn()).isEmpty();
    Membership fourth = at(4, member("d1", self.id(), 2));
    push(hub, third, fourth, sealed(hub, 4, List.of(device("d1"))));
    assertThat(letIn()).hasSize(1);
    push(hub, Membership.empty(network), at(5, member("web", self.id(), 4)));
    assertThat(letIn()).as("the whole, without devices").isEmpty();
    assertThat(journal.networks.get(ID).devices(self.id())).isNull();
  }

  @Test
  void nobodyElseSaysWhichDevicesAreLetIn() {
    Membership first = at(1, member("d1", self.id(), 2));
    List<Device> one = List.of(device("d1"));
    for (byte[] forged :
        List.of(
            sealed(other, 1, one),
            sealed(hub, 2, one),
            SignedDevices.seal(hub, ID, other.id(), 1, one),
            new byte[] {1, 2, 3})) {
      push(hub, Membership.empty(network), first, forged);
      assertThat(did(ProviderAction.PutNetwork.class)).isEmpty();
      assertThat(did(ProviderAction.Complain.class)).hasSize(1);
    }
    assertThat(journal.networks).isEmpty();
  }

  private NetworkPush pushed(int number, long version, int devices) {
    NetworkId id = new NetworkId("n00000000000" + number);
    Network wide = Network.of(id, "net" + number, hub.id(), Cidr.parse("10." + number + ".0.0/24"));
    Member here =
        new Member("a", "web", self.id(), wide.v4().base().plus(2), wide.v6().base().plus(2));
    Membership after =
        new Membership(wide, version, new TreeMap<>(Map.of("a", here)), new TreeMap<>());
    Change whole = Change.of(after, 0, List.of("a"), List.of(), false, Change.seal(hub, after));
    byte[] sealed =
        SignedDevices.seal(
            hub,
            id,
            self.id(),
            version,
            IntStream.rangeClosed(1, devices).mapToObj(i -> device("d" + i)).toList());
    return new NetworkPush(
        id,
        1420,
        Json.mapper().valueToTree(wide),
        Json.mapper().valueToTree(whole),
        Base64.getEncoder().encodeToString(sealed));
  }

  private void push(NetworkPush... all) {
    say(new ToProvider.Networks(List.of(all), List.of(), List.of()));
  }

  @Test
  void noMoreDevicesAreLetInThanANodeCanServe() {
    push(pushed(1, 1, SignedDevices.MOST), pushed(2, 1, 0));
    assertThat(letIn()).hasSize(SignedDevices.MOST);
    push(pushed(2, 2, 1));
    assertThat(did(ProviderAction.PutNetwork.class)).isEmpty();
    assertThat(did(ProviderAction.Complain.class).getFirst().toString())
        .contains("no more than " + SignedDevices.MOST);
    // Those that went from one network to another while it was away are told in one message.
    push(pushed(2, 2, 3), pushed(1, 2, SignedDevices.MOST - 3));
    assertThat(did(ProviderAction.PutNetwork.class)).hasSize(2);
    push(pushed(2, 3, 3), pushed(1, 3, SignedDevices.MOST));
    assertThat(did(ProviderAction.PutNetwork.class)).hasSize(1);
    push(pushed(3, 1, SignedDevices.MOST + 1));
    assertThat(did(ProviderAction.PutNetwork.class)).isEmpty();
  }

  @Test
  void itsDoorIsToldOnceItIsThereAndWithEachHello() {
    Membership first = at(1, member("d1", self.id(), 2));
    push(hub, Membership.empty(network), first, sealed(hub, 1, List.of(device("d1"))));
    NodeKey door = NodeKey.sign(self, ID, new byte[32], wall);
    step(new ProviderEvent.NetworkDoor(door));
    String told = sent(ToHub.Networks.class).getFirst().networks().getFirst().door();
    assertThat(NodeKey.open(Base64.getDecoder().decode(told))).isEqualTo(door);
    step(new ProviderEvent.NetworkDoor(door));
    assertThat(actions).isEmpty();
    assertThat(connect().networks().getFirst().door()).isEqualTo(told);
  }

  @Test
  void whatLeftANetworkIsToldWhenItChangesAndToEachNewSession() {
    NetworkEgress counted =
        new NetworkEgress(
            ID, wall, new NetworkEgress.Sum(3, 180, 2, 120, 0), 0, List.of(), List.of());
    step(new ProviderEvent.NetworkEgresses(List.of(counted)));
    assertThat(actions).as("of a network that no hub told of").isEmpty();
    push(hub, Membership.empty(network), at(1, member(RUN.toString(), self.id(), 2)));
    step(new ProviderEvent.NetworkEgresses(List.of(counted)));
    assertThat(sent(ToHub.Egress.class)).containsExactly(new ToHub.Egress(List.of(counted)));
    step(new ProviderEvent.NetworkEgresses(List.of(counted)));
    assertThat(actions).isEmpty();
    step(new ProviderEvent.SessionDown(hub.id(), session));
    connect();
    assertThat(sent(ToHub.Egress.class)).containsExactly(new ToHub.Egress(List.of(counted)));
  }

  @Test
  void whoLeavesAHubLeavesItsNetworks() {
    push(hub, Membership.empty(network), at(1, member(RUN.toString(), self.id(), 2)));
    step(new ProviderEvent.Left(hub.id()));
    assertThat(did(ProviderAction.LeaveNetwork.class))
        .containsExactly(new ProviderAction.LeaveNetwork(ID));
    assertThat(journal.networks).isEmpty();
  }
}
