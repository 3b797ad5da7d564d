package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Guest;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.SnapshotName;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
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
import io.atoll.runtime.driver.Snapshots;
import io.atoll.runtime.guest.GuestWire;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.process.SupervisorBinary;
import io.atoll.runtime.qemu.disk.VmImage;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Machines in networks, each with one neighbour: a clone, and one that boots.
@Tag("real")
@Timeout(1800)
class VmNetworkSoak {
  private static final Resources SIZE = new Resources(1000, 512L << 20, 0);
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final NetworkCard CARD = card(0, "10.77.0.5", "fd77::5");
  private static final NetworkCard OTHER = card(1, "10.88.0.7", "fd88::7");

  private static final String LOOK =
      "ls /sys/class/net; for i in net0 net1; do cat /sys/class/net/$i/mtu"
          + " /sys/class/net/$i/address; ip -o addr show dev $i | awk '{print $4}'; done;"
          + " grep web /etc/hosts; hostname; resolvectl dns net0 | sed 's/.*: //';"
          + " ip route get 224.0.0.251 | head -n 1 | cut -d ' ' -f 1-4;"
          + " ping -c 1 -W 20 10.77.0.1 >/dev/null && ping -c 1 -W 20 fd88::1 >/dev/null"
          + " && echo met; ";

  private static final String SEEN =
      """
      lo
      net0
      net1
      1300
      02:77:00:00:00:10
      10.77.0.5/24
      fd77::5/64
      1301
      02:77:00:00:00:11
      10.88.0.7/24
      fd88::7/64
      10.77.0.5 web.mynet.internal web
      fd77::5 web.mynet.internal web
      10.88.0.7 web.other.internal web
      fd88::7 web.other.internal web
      web
      10.77.0.1 fd77::1
      multicast 224.0.0.251 dev net0
      met
      """;

  private static final String PINGS =
      "while :; do ping -c 1 -W 2 10.77.0.1 >/dev/null && ip -o -4 addr show dev net0; sleep 0.2;"
          + " done";

  @TempDir Path folder;
  private VmDriver driver;
  private ActivitySpec spec;

  private static NetworkCard card(int number, String v4, String v6) {
    return new NetworkCard(
        new NetworkId("n0123456789a" + number),
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

  private VmDriver driver(boolean cloning) throws Exception {
    VmSettings settings = cloning ? TestImage.cloning() : TestImage.settings(folder);
    ProcessDriver processes =
        new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), folder.resolve("runs")));
    if (cloning) {
      try (Templates templates = new Templates(processes, settings)) {
        VmImage image = VmImage.of(settings.images().resolve(TestImage.NAME));
        templates.await(image, MachineShape.of(SIZE), Duration.ofMinutes(15));
      }
    }
    return new VmDriver(processes, settings, (run, phase) -> {});
  }

  private Activity start(String script) throws Exception {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "vm",
            TestImage.NAME,
            List.of("/bin/sh", "-c", script),
            Map.of(),
            SIZE,
            64,
            List.of(),
            false,
            Workload.Isolation.SANDBOX,
            Guest.NONE);
    Path place = folder.resolve("runs").resolve(id.toString());
    spec = new ActivitySpec(id, workload, place, List.of(CARD, OTHER));
    return driver.prepare(spec).start();
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

  private static long millis(long since) {
    return (System.nanoTime() - since) / 1_000_000;
  }

  @Test
  void aCloneIsInItsNetworksBeforeItsCommandBeginsAndStaysThere() throws Exception {
    driver = driver(true);
    long began = System.nanoTime();
    Activity machine = start(LOOK + PINGS);
    System.out.println("clone in two networks: released after " + millis(began) + " ms");
    assertThat(machine.endpoints()).isEmpty();
    CardEnd end = ((Networked) machine).end(CARD.network());
    try (GuestWire one = wire(machine, CARD);
        GuestWire two = wire(machine, OTHER)) {
      await().atMost(LONG).until(() -> stdout().contains("met"));
      System.out.println("clone in two networks: met after " + millis(began) + " ms");
      assertThat(stdout()).startsWith(SEEN);
      assertThat(one.senders()).containsExactly(CARD.mac());
      assertThat(two.sources()).containsExactly(OTHER.v6());
      awaitPings("10.77.0.5");
      machine.suspend();
      machine.resume();
      awaitPings("10.77.0.5");
      ((DeepSuspend) machine).suspendDeep();
      machine.resume();
      awaitPings("10.77.0.5");
      ((Readdressable) machine).readdress(card(0, "10.77.0.9", "fd77::9"));
      awaitPings("10.77.0.9");
    }
    driver.close();
    driver = driver(true);
    Activity again = ((Recovered.Found) driver.recover(spec)).activity();
    assertThat(((Networked) again).end(CARD.network())).isEqualTo(end);
    try (GuestWire wire = wire(again, CARD)) {
      awaitPings("10.77.0.9");
      assertThat(wire.sources()).containsExactly(IpAddress.parse("10.77.0.9"));
    }
    again.stop(Duration.ZERO);
    assertThatThrownBy(() -> ((Networked) again).end(CARD.network()))
        .isInstanceOf(DriverException.class);
    again.destroy();
    driver.close();
  }

  /// The network gives nobody the old address again because a machine went back.
  @Test
  void aMachineThatWentBackToASnapshotHasTheAddressesOfNow() throws Exception {
    driver = driver(true);
    Activity machine = start(PINGS);
    try (GuestWire _ = wire(machine, CARD)) {
      awaitPings("10.77.0.5");
      SnapshotName before = new SnapshotName("before");
      ((Snapshots) machine).takeSnapshot(before);
      ((Readdressable) machine).readdress(card(0, "10.77.0.9", "fd77::9"));
      awaitPings("10.77.0.9");
      ((Snapshots) machine).restoreSnapshot(before);
      awaitPings("10.77.0.9");
    }
    machine.destroy();
    driver.close();
  }

  @Test
  void aMachineThatBootsIsInItsNetworksBeforeItsCommandBegins() throws Exception {
    driver = driver(false);
    Activity machine = start(LOOK);
    try (GuestWire one = wire(machine, CARD);
        GuestWire _ = wire(machine, OTHER)) {
      assertThat(machine.await().code()).isZero();
      assertThat(stdout()).isEqualTo(SEEN);
      assertThat(one.senders()).containsExactly(CARD.mac());
    }
    machine.destroy();
    driver.close();
  }
}
