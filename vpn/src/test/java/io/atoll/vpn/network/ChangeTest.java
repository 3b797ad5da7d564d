package io.atoll.vpn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.testing.Fuzz;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ChangeTest {
  private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");

  private final Identity owner = Identity.generate();
  private final List<Identity> nodes = List.of(Identity.generate(), Identity.generate());
  private final Network network =
      Network.of(NetworkId.random(new Random(7)), "mynet", owner.id(), Cidr.parse("10.7.0.0/24"));

  private Member member(String id, int node, int number) {
    return new Member(
        id,
        "web",
        nodes.get(node).id(),
        network.v4().base().plus(number),
        network.v6().base().plus(number));
  }

  private Membership next(Membership before, List<Member> members, List<NodeKey> keys) {
    NavigableMap<String, Member> byId = new TreeMap<>();
    members.forEach(member -> byId.put(member.id(), member));
    NavigableMap<PeerId, NodeKey> byNode = new TreeMap<>();
    keys.forEach(key -> byNode.put(key.node(), key));
    return new Membership(network, before.version() + 1, byId, byNode);
  }

  private NodeKey key(int node, int fill) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) fill);
    return NodeKey.sign(nodes.get(node), network.id(), key, NOW);
  }

  private static Membership applied(Change change, Membership before) {
    assertThat(change.apply(before)).isInstanceOf(Change.Outcome.Applied.class);
    return ((Change.Outcome.Applied) change.apply(before)).membership();
  }

  /// Over the wire and back.
  private static Change sent(Change change) throws Exception {
    return Json.read(Json.bytes(change), Change.class);
  }

  @Test
  void leadsFromOneVersionToTheNext() throws Exception {
    Membership empty = Membership.empty(network);
    Membership one = next(empty, List.of(member("a", 0, 2)), List.of(key(0, 1)));
    Membership two =
        next(one, List.of(member("b", 1, 3), member("a", 0, 4)), List.of(key(0, 2), key(1, 3)));
    Change first = sent(Change.between(owner, empty, one));
    Change second = sent(Change.between(owner, one, two));
    assertThat(applied(first, empty)).isEqualTo(one);
    assertThat(applied(second, applied(first, empty))).isEqualTo(two);
    assertThat(applied(sent(Change.between(owner, empty, two)), one)).isEqualTo(two);
    assertThat(first.apply(two)).isInstanceOf(Change.Outcome.Known.class);
    assertThat(second.apply(two)).isInstanceOf(Change.Outcome.Known.class);
    assertThat(second.apply(empty)).isEqualTo(new Change.Outcome.Gap(0));
    Membership three = next(two, List.of(), List.of());
    assertThat(applied(sent(Change.between(owner, two, three)), two)).isEqualTo(three);
  }

  @Test
  void isNothingWithoutItsOwner() {
    Membership empty = Membership.empty(network);
    Membership one = next(empty, List.of(member("a", 0, 2)), List.of());
    Change honest = Change.between(owner, empty, one);
    assertThatThrownBy(() -> Change.between(nodes.getFirst(), empty, one))
        .hasMessageContaining("does not own mynet");
    refused(
        new Change(
            network.id(),
            0,
            List.of(member("a", 1, 2)),
            List.of(),
            List.of(),
            List.of(),
            null,
            honest.seal()),
        "not what its owner signed");
    refused(
        new Change(
            network.id(), 0, List.of(), List.of(), List.of(), List.of(), null, honest.seal()),
        "not what its owner signed");
    Identity stranger = Identity.generate();
    Network theirs =
        new Network(network.id(), network.name(), stranger.id(), network.v4(), network.v6());
    Change foreign =
        Change.between(
            stranger,
            Membership.empty(theirs),
            new Membership(theirs, 1, one.members(), one.keys()));
    refused(foreign, "does not own the network");
    Network another =
        Network.of(
            NetworkId.random(RandomGenerator.getDefault()), "mynet", owner.id(), network.v4());
    Change elsewhere =
        Change.between(
            owner,
            Membership.empty(another),
            new Membership(another, 1, new TreeMap<>(), new TreeMap<>()));
    refused(elsewhere, "it is of network " + another.id());
    refused(
        new Change(
            network.id(), 0, List.of(), List.of(), List.of(), List.of(), null, elsewhere.seal()),
        "signed for another network");
  }

  private void refused(Change change, String why) {
    assertThat(change.apply(Membership.empty(network)))
        .isInstanceOfSatisfying(
            Change.Outcome.Refused.class, outcome -> assertThat(outcome.why()).contains(why));
  }

  @Test
  void aKeyStandsForItsNodeAndNetwork() {
    NodeKey key = key(0, 9);
    NodeKey opened = NodeKey.open(key.signed());
    assertThat(opened).isEqualTo(key);
    assertThat(opened.node()).isEqualTo(nodes.getFirst().id());
    assertThat(opened.issued()).isEqualTo(NOW);
    byte[] damaged = key.signed();
    damaged[damaged.length - 1] ^= 1;
    assertThatThrownBy(() -> NodeKey.open(damaged)).hasMessageContaining("signature");
    NavigableMap<PeerId, NodeKey> swapped = new TreeMap<>();
    swapped.put(nodes.get(1).id(), key);
    assertThatThrownBy(() -> new Membership(network, 1, new TreeMap<>(), swapped))
        .hasMessageContaining("stands for another");
  }

  @Test
  void noTwoShareAnAddressAndNoneLiesOutside() {
    Membership empty = Membership.empty(network);
    assertThatThrownBy(() -> next(empty, List.of(member("a", 0, 2), member("b", 1, 2)), List.of()))
        .hasMessageContaining("two members of mynet at 10.7.0.2");
    for (int number : new int[] {0, 1, 255, 256}) {
      assertThatThrownBy(() -> next(empty, List.of(member("a", 0, number)), List.of()))
          .hasMessageContaining("no address for a member");
    }
  }

  /// What a change costs follows from what changed, however many are there.
  @Test
  void costsWhatChanged() {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      members.add(member("m" + i, i % 2, i + 2));
    }
    Membership full = next(Membership.empty(network), members, List.of(key(0, 1), key(1, 2)));
    members.set(7, member("m7", 0, 250));
    Membership changed = next(full, members, List.of(key(0, 1), key(1, 2)));
    int change = Json.bytes(Change.between(owner, full, changed)).length;
    int whole = Json.bytes(Change.between(owner, Membership.empty(network), changed)).length;
    assertThat(change).isLessThan(1200);
    assertThat(whole).isGreaterThan(20_000);
  }

  @Test
  void damagedChanges() throws Exception {
    Membership empty = Membership.empty(network);
    Membership one = next(empty, List.of(member("a", 0, 2)), List.of(key(0, 1)));
    byte[] honest = Json.bytes(Change.between(owner, empty, one));
    Fuzz.rounds(
        "changes of networks",
        2_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, List.of(honest));
          Change change;
          try {
            change = Json.read(bytes, Change.class);
          } catch (IOException | IllegalArgumentException refused) {
            return;
          }
          if (change != null
              && change.apply(empty) instanceof Change.Outcome.Applied(Membership after)) {
            assertThat(after).isEqualTo(one);
          }
        });
  }

  @Test
  void addressesAreGivenOnce() {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < 253; i++) {
      List<IpAddress> pair = AddressPlan.pair(network, members, null);
      members.add(new Member("m" + i, "m", nodes.getFirst().id(), pair.getFirst(), pair.getLast()));
    }
    assertThat(members.getFirst().v4()).hasToString("10.7.0.2");
    assertThat(members.getLast().v4()).hasToString("10.7.0.254");
    next(Membership.empty(network), members, List.of());
    assertThatThrownBy(() -> AddressPlan.pair(network, members, null))
        .hasMessageContaining("no address left");
    assertThatThrownBy(() -> AddressPlan.pair(network, members, IpAddress.parse("10.7.0.9")))
        .hasMessageContaining("belongs to another");
    assertThatThrownBy(() -> AddressPlan.pair(network, List.of(), IpAddress.parse("10.8.0.9")))
        .hasMessageContaining("no address for a member");
    assertThat(AddressPlan.block(List.of())).hasToString("10.96.0.0/24");
    assertThat(AddressPlan.block(List.of(Cidr.parse("10.96.0.0/16")))).hasToString("10.97.0.0/24");
    assertThatThrownBy(() -> AddressPlan.block(List.of(Cidr.parse("10.0.0.0/8"))))
        .hasMessageContaining("every block of addresses in 10.96.0.0/11");
  }
}
