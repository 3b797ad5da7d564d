package io.atoll.runtime.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a payload finds of its networks, and what this machine has of them. The test plays the
/// network, packet by packet.
public abstract class NetworkContract extends EnterableContract {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofSeconds(1);

  /// Prints its own interfaces, addresses and longest packet, from what every kernel shows.
  private static final String SHOW =
      "cat /proc/net/dev /proc/net/fib_trie /proc/net/if_inet6"
          + " /proc/sys/net/ipv6/conf/net0/mtu; ";

  /// Whether payloads can have cards here.
  protected boolean networks() {
    return true;
  }

  /// Whether a running payload's card can get other addresses.
  protected boolean readdresses() {
    return true;
  }

  /// Whether the payload's resolver is written in its `/etc/resolv.conf`.
  protected boolean tellsResolver() {
    return true;
  }

  /// A script that sends a text from a UDP socket, and prints what comes back within so many
  /// seconds: by perl where there is one, else by a program of the tests' images.
  protected String ask(String address, int port, String text, int seconds) {
    String perl =
        "use Socket qw(:all); my ($e, $a) = getaddrinfo(\"%1$s\", %2$d, {socktype => SOCK_DGRAM});"
            + " socket(S, $a->{family}, SOCK_DGRAM, 0); send(S, \"%3$s\", 0, $a->{addr}) or die $!;"
            + " alarm %4$d; recv(S, $b, 99, 0); print \"$b\\n\"";
    return ("if command -v perl >/dev/null; then perl -e '"
            + perl
            + "'; else ask %1$s %2$d %3$s %4$d; fi; ")
        .formatted(address, port, text, seconds);
  }

  @Test
  void aDriverWithoutNetworksSaysSo() throws Exception {
    if (networks()) {
      return; // the others say what it does
    }
    assertThatThrownBy(() -> driver.prepare(spec("echo never", card(0))))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.code()).isIn(ErrorCode.BAD_REQUEST, ErrorCode.DRIVER_CANNOT))
        .hasMessageContaining("network");
  }

  @Test
  void aPayloadSeesLoopbackAndItsCardAndNothingElse() throws Exception {
    if (!networks()) {
      return; // docs/drivers.md says why
    }
    ActivitySpec spec = spec(SHOW + "echo shown; sleep 1000", card(0));
    Activity activity = start(spec);
    awaitOutput(spec, "shown\n");
    NetworkCard card = spec.cards().getFirst();
    assertThat(interfaces(stdout(spec))).containsExactlyInAnyOrder("lo", "net0");
    assertThat(stdout(spec))
        .contains("|-- " + card.v4() + "\n")
        .contains(hex(card.v6()))
        .contains("\n" + card.mtu() + "\n");
    String beside = beside(activity, null, "", SHOW).out();
    assertThat(interfaces(beside)).containsExactlyInAnyOrder("lo", "net0");
    assertThat(beside).contains("|-- " + card.v4() + "\n");
  }

  @Test
  void aPayloadKnowsItsNameAndAsksTheSwitchForOthers() throws Exception {
    if (!networks()) {
      return; // docs/drivers.md says why
    }
    ActivitySpec spec =
        spec("cat /etc/resolv.conf /etc/hosts /proc/sys/kernel/hostname; echo shown", card(0));
    start(spec).await();
    NetworkCard card = spec.cards().getFirst();
    assertThat(stdout(spec)).contains("\n" + card.name() + "\nshown\n");
    if (tellsResolver()) {
      assertThat(stdout(spec).lines().filter(line -> line.startsWith("nameserver")).toList())
          .containsExactly("nameserver " + card.gateway4(), "nameserver " + card.gateway6());
      assertThat(stdout(spec)).contains("search " + card.domain() + "\n");
    }
    assertThat(stdout(spec).lines().toList())
        .contains(card.v4() + " " + card.name() + "." + card.domain() + " " + card.name());
  }

  @Test
  void packetsGoBothWays() throws Exception {
    if (!networks()) {
      return; // docs/drivers.md says why
    }
    NetworkCard card = card(0);
    IpAddress other4 = card.gateway4().plus(8);
    IpAddress other6 = card.gateway6().plus(8);
    ActivitySpec spec =
        spec(
            ask(other4.toString(), 5300, "four", 30)
                + ask(other6.toString(), 5300, "six", 30)
                + ask("239.1.2.3", 5300, "many", 1)
                + "echo asked; sleep 1000",
            card);
    Activity activity = start(spec);
    try (CardWire wire = wire(activity, card)) {
      assertThat(wire.pings(other4, card.v4(), PATIENCE)).isTrue();
      assertThat(wire.pings(other6, card.v6(), PATIENCE)).isTrue();
      answer(wire, card.v4(), other4, "four", other4);
      answer(wire, card.v6(), other6, "six", other6);
      answer(wire, card.v4(), IpAddress.parse("239.1.2.3"), "many", null);
    }
    awaitOutput(spec, "asked\n");
    assertThat(stdout(spec)).contains("four!", "six!");
  }

  private static void answer(
      CardWire wire, IpAddress from, IpAddress to, String text, @Nullable IpAddress by)
      throws Exception {
    IpPackets.Seen asked =
        wire.await(seen -> seen.udpTo(5300) && seen.to().equals(to), PATIENCE).orElseThrow();
    assertThat(asked.from()).isEqualTo(from);
    assertThat(asked.text()).isEqualTo(text);
    if (by != null) {
      wire.send(IpPackets.udp(by, 5300, asked.from(), asked.sourcePort(), text + "!"));
    }
  }

  @Test
  void eachEndIsOneOfItsOwn() throws Exception {
    if (!networks()) {
      return; // docs/drivers.md says why
    }
    NetworkCard card = card(0);
    Activity activity = start(spec("sleep 1000", card));
    wire(activity, card).close();
    try (CardWire wire = wire(activity, card)) {
      assertThat(wire.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
    }
    assertThatThrownBy(() -> ((Networked) activity).end(NetworkId.random(random)))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void aRunThatEndedHasNoCards() throws Exception {
    if (!networks()) {
      return; // docs/drivers.md says why
    }
    NetworkCard card = card(0);
    ActivitySpec spec = spec("exit 3", card);
    Activity activity = start(spec);
    activity.await();
    for (Activity each : List.of(activity, recoverAsRestarted(spec))) {
      assertThatThrownBy(() -> ((Networked) each).end(card.network()))
          .isInstanceOfSatisfying(
              DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    }
  }

  @Test
  void packetsFlowAfterARestart() throws Exception {
    if (!networks()) {
      return; // docs/drivers.md says why
    }
    NetworkCard card = card(0);
    ActivitySpec spec = spec("echo up; sleep 1000", card);
    Activity activity = start(spec);
    try (CardWire wire = wire(activity, card)) {
      assertThat(wire.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
    }
    Activity again = recoverAsRestarted(spec);
    try (CardWire wire = wire(again, card)) {
      assertThat(wire.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
      assertThat(wire.pings(card.gateway6(), card.v6(), PATIENCE)).isTrue();
    }
  }

  @Test
  void aSuspendedPayloadKeepsItsCard() throws Exception {
    if (!networks()) {
      return; // docs/drivers.md says why
    }
    NetworkCard card = card(0);
    ActivitySpec spec = spec("sleep 1000", card);
    Activity activity = start(spec);
    try (CardWire wire = wire(activity, card)) {
      assertThat(wire.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
      activity.suspend();
      activity.resume();
      assertThat(wire.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
    }
  }

  @Test
  void aPayloadInTwoNetworksHasTwoCards() throws Exception {
    if (!networks()) {
      return; // docs/drivers.md says why
    }
    NetworkCard first = card(0);
    NetworkCard second = card(1);
    ActivitySpec spec = spec(SHOW + "echo shown; sleep 1000", first, second);
    Activity activity = start(spec);
    try (CardWire one = wire(activity, first);
        CardWire two = wire(activity, second)) {
      assertThat(one.pings(first.gateway4(), first.v4(), PATIENCE)).isTrue();
      assertThat(two.pings(second.gateway6(), second.v6(), PATIENCE)).isTrue();
    }
    awaitOutput(spec, "shown\n");
    assertThat(interfaces(stdout(spec))).containsExactlyInAnyOrder("lo", "net0", "net1");
  }

  @Test
  void aCardGetsOtherAddressesWhileThePayloadRuns() throws Exception {
    if (!networks()) {
      return; // docs/drivers.md says why
    }
    NetworkCard card = card(0);
    ActivitySpec spec = spec("sleep 1000", card);
    Activity activity = start(spec);
    assertThat(activity instanceof Readdressable).isEqualTo(readdresses());
    if (!(activity instanceof Readdressable readdressable)) {
      return; // docs/drivers.md says why
    }
    NetworkCard moved = card.at(card.v4().plus(40), card.v6().plus(40));
    readdressable.readdress(moved);
    readdressable.readdress(moved);
    try (CardWire wire = wire(activity, card)) {
      assertThat(wire.pings(card.gateway4(), moved.v4(), PATIENCE)).isTrue();
      assertThat(wire.pings(card.gateway6(), moved.v6(), PATIENCE)).isTrue();
      assertThat(wire.pings(card.gateway4(), card.v4(), MOMENT)).isFalse();
      assertThat(wire.pings(card.gateway6(), card.v6(), MOMENT)).isFalse();
    }
    assertThat(beside(activity, null, "", "cat /etc/hosts").out())
        .contains(moved.v4() + " " + card.name() + ".")
        .doesNotContain(card.v4() + " ");
    // Back, by a daemon that was told nothing of the way there.
    Activity again = recoverAsRestarted(spec);
    ((Readdressable) again).readdress(card);
    try (CardWire wire = wire(again, card)) {
      assertThat(wire.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
      assertThat(wire.pings(card.gateway4(), moved.v4(), MOMENT)).isFalse();
    }
    assertThatThrownBy(() -> ((Readdressable) again).readdress(card(1)))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void theWayOutOfANetworkComesAndGoesWhileThePayloadRuns() throws Exception {
    if (!networks() || !readdresses()) {
      return; // docs/drivers.md says why
    }
    NetworkCard card = card(0);
    ActivitySpec spec = spec("sleep 1000", card);
    Activity activity = start(spec);
    assertThat(waysOut(activity)).isEmpty();
    Readdressable readdressable = (Readdressable) activity;
    readdressable.readdress(card.leaving(true));
    readdressable.readdress(card.leaving(true));
    assertThat(waysOut(activity)).containsExactly("4 net0", "6 net0");
    NetworkCard moved = card.at(card.v4().plus(40), card.v6().plus(40));
    readdressable.readdress(moved.leaving(true));
    assertThat(waysOut(activity)).containsExactly("4 net0", "6 net0");
    Activity again = recoverAsRestarted(spec);
    ((Readdressable) again).readdress(moved);
    assertThat(waysOut(again)).isEmpty();
  }

  /// The default routes inside; unreachable ones, which the kernel makes itself, are none.
  private List<String> waysOut(Activity activity) throws Exception {
    String shown =
        beside(activity, null, "", "cat /proc/net/route; echo six; cat /proc/net/ipv6_route").out();
    List<String> ways = new ArrayList<>();
    boolean six = false;
    for (String line : shown.split("\n")) {
      String[] word = line.strip().split("\\s+");
      six = six || line.equals("six");
      if (!six && word.length > 1 && word[1].equals("00000000")) {
        ways.add("4 " + word[0]);
      }
      if (six && line.startsWith("0".repeat(32) + " 00 ") && !word[9].equals("lo")) {
        ways.add("6 " + word[9]);
      }
    }
    return ways;
  }

  // ---- for subclasses

  /// A card of some network; `n` tells those of one payload apart.
  protected NetworkCard card(int n) {
    IpAddress gateway4 = IpAddress.parse("10.77." + n + ".1");
    IpAddress gateway6 = IpAddress.parse("fd00:77:" + n + "::1");
    return new NetworkCard(
        NetworkId.random(random),
        "net" + n,
        new MacAddress(0x02_00_00_00_77_00L + n),
        gateway4.plus(1),
        24,
        gateway6.plus(1),
        64,
        gateway4,
        gateway6,
        1400 - n,
        "blue" + n + ".internal",
        "web");
  }

  protected ActivitySpec spec(String script, NetworkCard... cards) {
    return spec(script(script), List.of(cards));
  }

  static CardWire wire(Activity activity, NetworkCard card) throws Exception {
    return CardWire.of(card, ((Networked) activity).end(card.network()));
  }

  private static List<String> interfaces(String shown) {
    List<String> names = new ArrayList<>();
    for (String line : shown.split("\n")) {
      if (line.matches("\\s*\\w+:\\s+\\d+ .*")) {
        names.add(line.strip().substring(0, line.strip().indexOf(':')));
      }
    }
    return names;
  }

  /// As `/proc/net/if_inet6` has it.
  private static String hex(IpAddress address) {
    return HexFormat.of().formatHex(address.bytes());
  }
}
