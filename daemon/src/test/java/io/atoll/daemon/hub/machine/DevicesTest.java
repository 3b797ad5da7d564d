package io.atoll.daemon.hub.machine;

import static io.atoll.daemon.hub.machine.HubFixture.SMALL;
import static io.atoll.daemon.hub.machine.HubFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.DeviceView;
import io.atoll.client.api.TaskSpec;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.hub.machine.HubFixture.Node;
import io.atoll.daemon.sim.SimStore;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.DeviceKeys;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.Transaction;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunState;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.device.SignedDevices;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Devices of people in networks, as the hub decides on them.
class DevicesTest {
  private static final NetworkId NET = new NetworkId("n000000000001");

  private final HubFixture hub = new HubFixture();
  private int invited;

  @BeforeEach
  void create() {
    hub.step(
        new HubEvent.CreateNetwork(
            1, NET, hub.owner.id(), "mynet", Cidr.parse("10.7.0.0/29"), false));
  }

  private static DeviceKeys keys(int number) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) number;
    String text = Base64.getEncoder().encodeToString(bytes);
    return new DeviceKeys(text, text);
  }

  private static Device device(int number) {
    DeviceKeys keys = keys(number);
    return new Device(
        "d0000000" + number, PublicKey.parse(keys.key()), PresharedKey.parse(keys.preshared()));
  }

  /// @return its id
  private String invite(String name, PeerId door) {
    String id = "d0000000" + ++invited;
    hub.step(new HubEvent.InviteDevice(1, "mynet", id, name, keys(invited), door));
    return id;
  }

  private void remove(String device) {
    hub.step(new HubEvent.RemoveDevice(1, "mynet", device));
  }

  private List<DeviceView> devices() {
    return hub.machine.devices("mynet").orElseThrow();
  }

  private ErrorCode refused() {
    return hub.failure().code();
  }

  private static TaskSpec webOn(Node node) {
    TaskSpec web = spec("web", SMALL, TaskSpec.Restart.Policy.NEVER, TaskSpec.OnDisconnect.KEEP);
    return new TaskSpec(
        web.name(),
        web.workload(),
        web.priority(),
        node.id.text(),
        web.restart(),
        web.onDisconnect(),
        0,
        5,
        List.of(new TaskSpec.Seat("mynet", null)));
  }

  @Test
  void itsKeysGoToItsDoorAloneAndItsAddressToAll() {
    Node a = hub.networked("a");
    hub.running(a, webOn(a));
    Node b = hub.networked("b");
    String phone = invite("phone", b.id);
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(b.devices.get(NET)).containsExactly(device(1));
    assertThat(a.devices).isEmpty();
    assertThat(a.networks.get(NET)).isEqualTo(b.networks.get(NET));
    assertThat(a.networks.get(NET).members().get(phone))
        .satisfies(
            it -> {
              assertThat(it.node()).isEqualTo(b.id);
              assertThat(it.name()).isEqualTo("phone");
              assertThat(it.v4()).hasToString("10.7.0.3");
            });
    assertThat(devices())
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.host()).isEqualTo("phone.mynet.internal");
              assertThat(it.publicKey()).isEqualTo(keys(1).key());
              assertThat(it.doorName()).isEqualTo("b");
            });
  }

  @Test
  void whatItsDoorSaysIsKnownAlsoAfterARestart() {
    Node b = hub.networked("b");
    b.addresses = List.of("192.168.1.5:7470");
    b.hello();
    invite("phone", b.id);
    assertThat(devices().getFirst().doorKey()).isNull();
    assertThat(devices().getFirst().endpoint()).isEqualTo("192.168.1.5:7470");
    byte[] key = new byte[32];
    key[3] = 7;
    b.tellDoor(NET, key);
    String told = Base64.getEncoder().encodeToString(key);
    assertThat(devices().getFirst().doorKey()).isEqualTo(told);
    hub.restart();
    assertThat(devices().getFirst().doorKey()).isNull();
    b.hello();
    assertThat(devices().getFirst().doorKey()).isEqualTo(told);
    assertThat(b.devices.get(NET)).containsExactly(device(1));
  }

  @Test
  void anotherNodesDoorIsNotBelieved() {
    Node a = hub.networked("a");
    Node b = hub.networked("b");
    invite("phone", b.id);
    invite("laptop", a.id);
    a.doors.put(NET, NodeKey.sign(hub.owner, NET, new byte[32], hub.wall));
    a.tellDoor(NET);
    assertThat(devices()).extracting(DeviceView::doorKey).containsOnlyNulls();
  }

  @Test
  void aDoorIsToldOfItsOwnDevicesWhenTheyChangeAndWholeWhenItIsFarBehind() {
    Node a = hub.networked("a");
    Node b = hub.networked("b");
    invite("one", b.id);
    String two = invite("two", b.id);
    invite("three", a.id);
    assertThat(b.devices.get(NET)).containsExactly(device(1), device(2));
    b.devices.clear();
    hub.submit(webOn(a));
    assertThat(b.devices).as("nothing of its devices has changed").isEmpty();
    remove("one");
    assertThat(b.devices.get(NET)).containsExactly(device(2));
    b.networks.clear();
    b.devices.clear();
    b.hello();
    assertThat(b.devices.get(NET)).containsExactly(device(2));
    remove(two);
    assertThat(b.networks).doesNotContainKey(NET);
    assertThat(devices()).extracting(DeviceView::name).containsExactly("three");
    assertThat(a.devices.get(NET)).containsExactly(device(3));
    assertThat(hub.store.read(new Query.Seats())).hasSize(2);
  }

  @Test
  void aDoorThatLostItsListIsToldItAgain() {
    Node a = hub.networked("a");
    hub.running(a, webOn(a));
    Node b = hub.networked("b");
    invite("phone", b.id);
    b.devices.clear(); // a version that knows no devices wrote its journal anew
    b.hello();
    assertThat(b.devices.get(NET)).containsExactly(device(1));
    assertThat(a.networks.get(NET)).isEqualTo(b.networks.get(NET));
    long version = b.networks.get(NET).version();
    b.hello();
    assertThat(b.networks.get(NET).version()).as("nothing is amiss").isEqualTo(version);
    b.devices.clear();
    b.cut();
    invite("laptop", a.id);
    b.hello();
    assertThat(b.devices.get(NET)).containsExactly(device(1));
    assertThat(a.networks.get(NET)).isEqualTo(b.networks.get(NET));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBackupLetsNobodyInWhoWasRemovedSince(boolean generation) {
    Node b = hub.networked("b");
    Node c = hub.networked("c");
    invite("phone", b.id);
    invite("laptop", b.id);
    invite("tablet", c.id);
    SimStore backup = SimStore.copyOf(hub.store);
    remove("phone");
    remove("tablet");
    hub.store = backup;
    if (generation) {
      hub.store.commit(
          List.of(new Transaction(List.of(), List.of(new Change.PutEpoch(new Epoch(2, 0))))));
    }
    hub.setRestored();
    c.hello();
    b.hello();
    assertThat(devices()).extracting(DeviceView::name).containsExactly("laptop");
    assertThat(b.devices.get(NET)).containsExactly(device(2));
    assertThat(b.networks.get(NET).members()).hasSize(1);
    assertThat(c.networks).isEmpty();
    assertThat(hub.store.read(new Query.Seats())).hasSize(1);
    // Who comes later is there to stay.
    invite("watch", c.id);
    c.networks.clear();
    c.devices.clear();
    c.hello();
    assertThat(devices()).extracting(DeviceView::name).contains("watch");
    assertThat(c.devices.get(NET)).hasSize(1);
  }

  @Test
  void aDoorOfWhichABackupKnowsNothingIsKnownWithWhatItRuns() {
    Node a = hub.networked("a");
    SimStore backup = SimStore.copyOf(hub.store);
    hub.running(a, webOn(a));
    Order order = a.only();
    invite("phone", a.id);
    byte[] key = new byte[32];
    key[1] = 5;
    a.tellDoor(NET, key);
    hub.store = backup;
    hub.setRestored();
    a.hello(order.run().epoch(), hub.withOrder(hub.told(order.run(), 3, RunState.RUNNING), order));
    assertThat(devices()).isEmpty();
    assertThat(a.devices.getOrDefault(NET, List.of())).isEmpty();
    assertThat(a.networks.get(NET).members()).hasSize(1);
    invite("laptop", a.id);
    assertThat(devices().getFirst().doorKey()).isEqualTo(Base64.getEncoder().encodeToString(key));
  }

  @Test
  void aStoreThatWentBackUnnoticedLetsNobodyInWhoWasRemovedSince() {
    Node b = hub.networked("b");
    invite("phone", b.id);
    invite("laptop", b.id);
    SimStore backup = SimStore.copyOf(hub.store);
    remove("phone");
    hub.store = backup;
    hub.restart();
    b.hello();
    assertThat(devices()).extracting(DeviceView::name).containsExactly("laptop");
    assertThat(b.devices.get(NET)).containsExactly(device(2));
  }

  @Test
  void itIsSaidWhomTheOwnMachineOfARestoredHubLetsIn() {
    hub.step(new HubEvent.OwnNode(null, List.of("192.0.2.9:7470")));
    invite("phone", hub.owner.id());
    hub.step(new HubEvent.OwnNode(null, null));
    assertThat(hub.last.changes()).as("no backup").isEmpty();
    hub.setRestored();
    hub.step(new HubEvent.OwnNode(null, null));
    assertThat(hub.last.changes().toString()).contains("network.restored", "1 devices", "mynet");
  }

  @Test
  void theHubsOwnMachineIsADoorWhereItIsNoProvider() {
    invite("phone", hub.owner.id());
    assertThat(refused()).isEqualTo(ErrorCode.UNREACHABLE);
    assertThat(hub.failure().hint()).contains("--door");
    hub.step(new HubEvent.OwnNode(null, List.of("10.1.1.1:7470", "192.0.2.9:7470")));
    invite("phone", hub.owner.id());
    assertThat(hub.ownDevices.get(NET)).containsExactly(device(2));
    byte[] key = new byte[32];
    hub.step(new HubEvent.OwnDoor(NodeKey.sign(hub.owner, NET, key, hub.wall)));
    assertThat(devices())
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.doorName()).isNull();
              assertThat(it.doorKey()).isEqualTo(Base64.getEncoder().encodeToString(key));
              assertThat(it.endpoint()).isEqualTo("192.0.2.9:7470");
            });
    hub.restart();
    hub.step(new HubEvent.OwnNode(null, null));
    assertThat(hub.ownDevices.get(NET)).containsExactly(device(2));
    remove("phone");
    assertThat(hub.own).isEmpty();
  }

  @Test
  void whatCannotBeIsSaidAtOnce() {
    Node a = hub.networked("a");
    hub.running(a, webOn(a));
    invite("web", a.id);
    assertThat(refused()).isEqualTo(ErrorCode.CONFLICT);
    hub.step(new HubEvent.InviteDevice(1, "nonet", "d00000009", "x", keys(9), a.id));
    assertThat(refused()).isEqualTo(ErrorCode.NOT_FOUND);
    Node old = hub.online("old");
    invite("x", old.id);
    assertThat(refused()).isEqualTo(ErrorCode.VERSION_MISMATCH);
    Node away = hub.networked("away");
    away.cut();
    invite("x", away.id);
    assertThat(refused()).isEqualTo(ErrorCode.UNREACHABLE);
    for (int i = 0; i < 4; i++) {
      invite("d" + i, a.id);
    }
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    invite("more", a.id);
    assertThat(refused()).isEqualTo(ErrorCode.NO_CAPACITY);
    remove("web");
    assertThat(refused()).isEqualTo(ErrorCode.NOT_FOUND);
    remove("nobody");
    assertThat(refused()).isEqualTo(ErrorCode.NOT_FOUND);
    hub.step(new HubEvent.MoveMember(1, "mynet", "d0", IpAddress.parse("10.7.0.6")));
    assertThat(refused()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(hub.failure().hint()).contains("invite it again");
  }

  @Test
  void aDoorLetsSoManyInOverAllItsNetworks() {
    Node a = hub.networked("a");
    hub.step(
        new HubEvent.CreateNetwork(
            1,
            new NetworkId("n000000000002"),
            hub.owner.id(),
            "wide",
            Cidr.parse("10.8.0.0/24"),
            false));
    invite("phone", a.id);
    for (int i = 1; i <= SignedDevices.MOST; i++) {
      hub.step(new HubEvent.InviteDevice(1, "wide", "d1000000" + i, "d" + i, keys(9), a.id));
    }
    assertThat(refused()).isEqualTo(ErrorCode.NO_CAPACITY);
    assertThat(hub.failure().message()).contains("node a", "64");
    assertThat(hub.failure().hint()).contains("remove-device", "--door");
    assertThat(hub.machine.devices("wide").orElseThrow()).hasSize(SignedDevices.MOST - 1);
    Node b = hub.networked("b");
    invite("laptop", b.id);
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    remove("phone");
    hub.step(new HubEvent.InviteDevice(1, "wide", "d20000000", "more", keys(9), a.id));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
  }

  @Test
  void aNameThatADeviceHasSaysHowItGoes() {
    Node a = hub.networked("a");
    invite("phone", a.id);
    invite("phone", a.id);
    assertThat(refused()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(hub.failure().hint()).contains("atoll net remove-device mynet phone");
  }

  @Test
  void anOlderKeyOfADoorIsNotTakenForItsKey() {
    Node a = hub.networked("a");
    invite("phone", a.id);
    byte[] newer = new byte[32];
    newer[0] = 2;
    a.tellDoor(NET, newer);
    hub.wall = hub.wall.minusSeconds(60);
    a.tellDoor(NET, new byte[32]);
    assertThat(devices().getFirst().doorKey()).isEqualTo(Base64.getEncoder().encodeToString(newer));
  }

  @Test
  void itGoesWithItsDoorAndWithItsNetwork() {
    Node a = hub.networked("a");
    Node b = hub.networked("b");
    invite("phone", a.id);
    invite("laptop", b.id);
    hub.step(new HubEvent.NodeForgotten(1, a.id));
    assertThat(devices()).extracting(DeviceView::name).containsExactly("laptop");
    hub.step(new HubEvent.RemoveNetwork(1, "mynet"));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(b.networks).isEmpty();
    assertThat(hub.store.read(new Query.Seats())).isEmpty();
  }

  @Test
  void itsSecretDoesNotPrint() {
    Node a = hub.networked("a");
    byte[] secret = new byte[32];
    secret[9] = 9;
    String text = Base64.getEncoder().encodeToString(secret);
    DeviceKeys keys = new DeviceKeys(keys(1).key(), text);
    HubEvent invite = new HubEvent.InviteDevice(1, "mynet", "d00000001", "phone", keys, a.id);
    hub.step(invite);
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(invite + " " + hub.last).contains("phone").doesNotContain(text);
  }

  @Test
  void theEndpointIsWhereMostOthersReachIt() {
    assertThat(
            Devices.endpoint(
                List.of("127.0.0.1:1", "192.168.1.5:2", "[2001:db8::7]:3", "203.0.113.9:4")))
        .isEqualTo("[2001:db8::7]:3");
    assertThat(Devices.endpoint(List.of("127.0.0.1:1", "100.64.0.9:2", "10.0.0.7:3")))
        .isEqualTo("100.64.0.9:2");
    assertThat(Devices.endpoint(List.of("127.0.0.1:1"))).isEqualTo("127.0.0.1:1");
    assertThat(
            Devices.endpoint(
                List.of("", ":", "reef:7470", "10.0.0.7", "10.0.0.7:0", "10.0.0.7:99999", "::1")))
        .isNull();
  }
}
