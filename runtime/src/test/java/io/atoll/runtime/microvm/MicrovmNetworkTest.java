package io.atoll.runtime.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.DeepSuspend;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Networked;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.driver.Readdressable;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.guest.GuestWire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A guest's cards of networks, with a network of one neighbour at their other end.
@Tag("real")
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class MicrovmNetworkTest {
  private static final Resources SMALL = new Resources(1000, 128L << 20, 0);
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final NetworkCard CARD = card(0, "10.77.0.5", "fd77::5");

  /// Says a line with its address for each ping of IPv4 that is answered.
  private static final String PINGS =
      "while :; do ping -c 1 -W 2 10.77.0.1 >/dev/null && ip -o -4 addr show dev net0;"
          + " sleep 0.1; done";

  @TempDir static Path folder;
  private static MicrovmDriver driver;
  private Path runs;
  private ActivitySpec spec;

  private static NetworkCard card(int number, String v4, String v6) {
    return new NetworkCard(
        new NetworkId("n" + "0123456789a" + number),
        "net" + number,
        MacAddress.parse("02:77:00:00:00:1" + number),
        IpAddress.parse(v4),
        24,
        IpAddress.parse(v6),
        64,
        IpAddress.parse(v4.replaceAll("\\d+$", "1")),
        IpAddress.parse(v6.replaceAll("[^:]+$", "1")),
        1300 + number,
        number == 0 ? "mynet.internal" : "other.internal",
        "web");
  }

  @BeforeEach
  void makeDriver() throws Exception {
    runs = Files.createDirectories(folder.resolve("runs"));
    if (driver == null) {
      driver = newDriver();
      driver.awaitTemplate(SMALL, 1, Duration.ofSeconds(200));
    }
  }

  private static MicrovmDriver newDriver() throws Exception {
    if (driver != null) {
      driver.close();
    }
    return new MicrovmDriver(TestGuests.settings(folder.resolve("state")), TestGuests.images());
  }

  @AfterEach
  void end() throws Exception {
    if (spec != null && driver.recover(spec) instanceof Recovered.Found(Activity found)) {
      found.destroy();
    }
    assertThat(folder.resolve("state/cards")).isEmptyDirectory();
    assertThat(driver.strays(Set.of())).isEmpty();
  }

  @AfterAll
  static void close() {
    if (driver != null) {
      driver.close();
    }
  }

  private ActivitySpec spec(String script, NetworkCard... cards) {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    List<String> command = List.of("/bin/sh", "-c", script);
    spec =
        new ActivitySpec(
            id,
            TestGuests.workload(command, Map.of(), SMALL, 64),
            runs.resolve(id.toString()),
            List.of(cards));
    return spec;
  }

  private Activity start(String script, NetworkCard... cards) throws Exception {
    return driver.prepare(spec(script, cards)).start();
  }

  private Activity restarted() throws Exception {
    driver = newDriver();
    return ((Recovered.Found) driver.recover(spec)).activity();
  }

  private static GuestWire wire(Activity activity, NetworkCard card) throws Exception {
    return GuestWire.open(card, ((Networked) activity).end(card.network()));
  }

  private String stdout() throws IOException {
    return new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT), UTF_8);
  }

  private void awaitPings(String from) throws IOException {
    int before = stdout().length();
    await().atMost(LONG).until(() -> stdout().substring(before).split(" " + from + "/").length > 3);
  }

  private static final String LOOK =
      "cd /sys/class/net; ls; cd net0; cat mtu address operstate;"
          + " ip -o addr show dev net0 | sed 's/  */ /g; s/valid_lft.*//';"
          + " ip route; ip -6 route | grep -v ff00; cat /etc/resolv.conf /etc/hosts; hostname;";

  private static final String SEEN =
      """
      lo
      net0
      1300
      02:77:00:00:00:10
      up
      2: net0 inet 10.77.0.5/24 scope global net0\\ \

      2: net0 inet6 fd77::5/64 scope global flags 02 \\ \

      10.77.0.0/24 dev net0 scope link  src 10.77.0.5\s
      224.0.0.0/4 dev net0 scope link  metric 1\s
      fd77::/64 dev net0  metric 256\s
      search mynet.internal
      nameserver 10.77.0.1
      nameserver fd77::1
      127.0.0.1 localhost
      ::1 localhost
      10.77.0.5 web.mynet.internal web
      fd77::5 web.mynet.internal web
      web
      """;

  @Test
  void allIsThereAtThePayloadsFirstInstructionAndNothingElse() throws Exception {
    Activity activity =
        start(LOOK + "ping -c 1 -W 20 10.77.0.1 && ping6 -c 1 -W 20 fd77::1 && echo met", CARD);
    try (GuestWire wire = wire(activity, CARD)) {
      assertThat(activity.await()).isEqualTo(Exit.of(0));
      assertThat(stdout()).startsWith(SEEN).endsWith("met\n");
      assertThat(wire.senders()).containsExactly(CARD.mac());
      assertThat(wire.sources()).containsExactlyInAnyOrder(CARD.v4(), CARD.v6());
      assertThat(List.of(wire.pings4(), wire.pings6())).containsExactly(1, 1);
    }
    assertThatThrownBy(() -> ((Networked) activity).end(CARD.network()))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code().name()).isEqualTo("CONFLICT"));
  }

  @Test
  void withoutNetworksThereIsTheLoopbackAndNothingElse() throws Exception {
    driver.awaitTemplate(SMALL, Duration.ofSeconds(200));
    Activity activity = start("ls /sys/class/net; cat /etc/resolv.conf /etc/hosts 2>/dev/null");
    assertThat(activity.await()).isEqualTo(Exit.of(1));
    assertThat(stdout()).isEqualTo("lo\n");
    assertThatThrownBy(() -> ((Networked) activity).end(CARD.network()))
        .isInstanceOf(DriverException.class);
  }

  @Test
  void twoNetworksInAGuestThatBoots() throws Exception {
    NetworkCard other = card(1, "10.88.0.7", "fd88::7");
    MicrovmSettings cold =
        MicrovmSettings.of(
                TestGuests.settings(folder.resolve("state")).host().supervisor(),
                TestGuests.settings(folder.resolve("state")).guest(),
                folder.resolve("cold"))
            .withTemplates(false);
    try (MicrovmDriver booting = new MicrovmDriver(cold, TestGuests.images())) {
      String script =
          "ls /sys/class/net; for to in 10.77.0.1 10.88.0.1; do ping -c 1 -W 20 $to; done";
      Activity activity = booting.prepare(spec(script, CARD, other)).start();
      try (GuestWire one = wire(activity, CARD);
          GuestWire two = wire(activity, other)) {
        assertThat(activity.await()).isEqualTo(Exit.of(0));
        assertThat(stdout()).startsWith("lo\nnet0\nnet1\n");
        assertThat(one.senders()).containsExactly(CARD.mac());
        assertThat(two.senders()).containsExactly(other.mac());
        assertThat(one.sources()).containsExactly(CARD.v4());
        assertThat(two.sources()).containsExactly(other.v4());
      }
      activity.destroy();
      assertThat(folder.resolve("cold/cards")).isEmptyDirectory();
    }
  }

  @Test
  void framesGoOnOverSuspensionsAndRestarts() throws Exception {
    Activity activity = start(PINGS, CARD);
    CardEnd end = ((Networked) activity).end(CARD.network());
    try (GuestWire _ = wire(activity, CARD)) {
      awaitPings("10.77.0.5");
      activity.suspend();
      activity.resume();
      awaitPings("10.77.0.5");
      // Another QEMU of the run: who was bound is found again.
      ((DeepSuspend) activity).suspendDeep();
      activity.resume();
      awaitPings("10.77.0.5");
    }
    activity = restarted();
    assertThat(((Networked) activity).end(CARD.network())).isEqualTo(end);
    try (GuestWire _ = wire(activity, CARD)) {
      awaitPings("10.77.0.5");
      ((DeepSuspend) activity).suspendDeep();
    }
    // One that was bound while the guest slept.
    activity = restarted();
    try (GuestWire _ = wire(activity, CARD)) {
      activity.resume();
      awaitPings("10.77.0.5");
    }
  }

  @Test
  void anAddressChangesWhileThePayloadRuns() throws Exception {
    Activity activity = start(PINGS, CARD);
    NetworkCard moved = card(0, "10.77.0.9", "fd77::9");
    NetworkCard again = card(0, "10.77.0.20", "fd77::20");
    try (GuestWire wire = wire(activity, CARD)) {
      awaitPings("10.77.0.5");
      ((Readdressable) activity).readdress(moved);
      awaitPings("10.77.0.9");
      assertThat(wire.sources()).containsExactlyInAnyOrder(CARD.v4(), moved.v4());
      ((Readdressable) activity).readdress(moved);
      activity.suspend();
      ((Readdressable) activity).readdress(again);
      activity.resume();
      awaitPings("10.77.0.20");
      activity = restarted();
    }
    try (GuestWire wire = wire(activity, again)) {
      awaitPings("10.77.0.20");
      assertThat(wire.sources()).containsExactly(again.v4());
    }
    Readdressable readdressable = (Readdressable) activity;
    NetworkCard foreign = card(1, "10.88.0.7", "fd88::7");
    assertThatThrownBy(() -> readdressable.readdress(foreign))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code().name()).isEqualTo("NOT_FOUND"));
    activity.stop(Duration.ZERO);
    assertThatThrownBy(() -> readdressable.readdress(again))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code().name()).isEqualTo("CONFLICT"));
  }

  @Test
  void whatADeadRunLeftIsReclaimed() throws Exception {
    Activity activity = start("sleep 1000", CARD);
    RunId id = activity.id();
    driver.close();
    // A daemon that knows nothing of it.
    driver = newDriver();
    assertThat(driver.strays(Set.of(id))).isEmpty();
    assertThat(driver.strays(Set.of())).containsExactly(id);
    assertThat(driver.reclaim(List.of(id))).isPositive();
    assertThat(folder.resolve("state/cards")).isEmptyDirectory();
  }
}
