package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Guest;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.Port;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.qemu.disk.VmImage;
import io.atoll.runtime.vm.VmCommandLine.Birth;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What needs no QEMU: words, orders, ends.
class VmWordsTest {
  private static final RunId RUN = new RunId(new TaskId("t0123456789ab"), new Epoch(1, 7));
  private static final MachineShape SHAPE = new MachineShape(2, 512);
  private static final Adapters OWN = new Adapters("52:54:00:00:00:01", GuestCards.NONE);

  private static NetworkCard card(int number) {
    return new NetworkCard(
        new NetworkId("n0123456789a" + number),
        "net" + number,
        MacAddress.parse("02:77:00:00:00:1" + number),
        IpAddress.parse("10.7" + number + ".0.5"),
        24,
        IpAddress.parse("fd7" + number + "::5"),
        64,
        IpAddress.parse("10.7" + number + ".0.1"),
        IpAddress.parse("fd7" + number + "::1"),
        1380,
        "my" + number + ".internal",
        "web");
  }

  @TempDir Path folder;

  private VmSettings settings() {
    QemuProgram program = new QemuProgram(Path.of("/usr/bin/qemu-system-x86_64"), 7, 2, "7.2.22");
    return VmSettings.of(program, folder, folder);
  }

  private VmImage image(boolean kernel) {
    Path file = folder.resolve("vmlinux");
    return new VmImage(folder, 1 << 30, kernel ? file : null, kernel ? file : null, "", "debian");
  }

  private String line(VmSettings settings, boolean kernel, Birth birth, boolean console) {
    List<Port> ports = VmCommandLine.withSsh(List.of(new Port(53, Port.Protocol.UDP)));
    return String.join(
        " ", VmCommandLine.of(settings, SHAPE, image(kernel), birth, ports, console));
  }

  @Test
  void aMachineReachesNobodyAndIsConfined() {
    String line = line(settings(), true, new Birth.Boot(OWN), true);
    assertThat(line)
        .contains("-M pc-q35-7.2 -accel tcg")
        .contains("-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny")
        .contains("user,id=n,restrict=on,hostfwd=udp:127.0.0.1:0-:53,hostfwd=tcp:127.0.0.1:0-:22")
        .contains("mac=52:54:00:00:00:01")
        .contains("mitigations=off");
    assertThat(line(settings().withKvm(true), true, new Birth.Boot(OWN), true))
        .contains("-accel kvm -cpu host")
        .doesNotContain("mitigations=off");
    assertThat(line(settings(), false, new Birth.Boot(OWN), true)).doesNotContain("-kernel");
  }

  private int shell(List<String> first, List<String> again) throws Exception {
    return new ProcessBuilder(VmCommandLine.whole(first, again))
        .directory(folder.toFile())
        .start()
        .waitFor();
  }

  private static List<String> sh(String script) {
    return List.of("/bin/sh", "-c", script + "; exit \"$1\"", "x y", "3");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theShellEndsAsQemuEnded() throws Exception {
    assertThat(shell(sh("echo said"), List.of())).isEqualTo(3);
    assertThat(folder.resolve("qemu.log")).hasContent("said\n");
    assertThat(shell(sh("kill -9 $$"), List.of())).isEqualTo(128 + 9);
    assertThat(shell(List.of("true"), sh("echo not this"))).isZero();
    Files.createFile(folder.resolve("asleep"));
    assertThat(shell(sh("kill -9 $$"), sh("echo nor this"))).isEqualTo(128 + 9);
    assertThat(shell(sh("echo it failed"), sh("echo nor this"))).isEqualTo(3);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theShellWaitsWhileTheMachineIsAsleep() throws Exception {
    Process shell =
        new ProcessBuilder(
                VmCommandLine.whole(
                    List.of("/bin/sh", "-c", "touch asleep; echo one"), sh("echo two")))
            .directory(folder.toFile())
            .start();
    assertThat(shell.waitFor(2, TimeUnit.SECONDS)).isFalse();
    assertThat(folder.resolve("qemu.log")).hasContent("one\n");
    assertThat(folder.resolve("waiting")).exists();
    Files.delete(folder.resolve("asleep"));
    assertThat(shell.waitFor()).isEqualTo(3);
    assertThat(folder.resolve("qemu.log")).hasContent("one\ntwo\n");
    assertThat(folder.resolve("waiting")).doesNotExist();
  }

  /// State can be restored only where the same devices are in the same places.
  @Test
  void aMachineComesBackWithTheDevicesThatItHad() {
    String booted = line(settings(), true, new Birth.Boot(OWN), false);
    String again =
        String.join(
            " ",
            VmCommandLine.of(
                settings(), SHAPE, image(true), new Birth.Revival(OWN), List.of(), false));
    assertThat(devices(again)).isEqualTo(devices(booted));
    assertThat(again)
        .contains("-incoming defer", "user,id=n,restrict=on ")
        .doesNotContain("hostfwd", "-kernel");
  }

  @Test
  void cardsOfNetworksAreFunctionsOfOneDevice() throws Exception {
    GuestCards two = GuestCards.of(RUN, List.of(card(0), card(1)));
    String alone = line(settings(), true, new Birth.Boot(new Adapters(null, two)), true);
    assertThat(alone)
        .contains(
            "-netdev dgram,id=net0,local.type=unix,local.path=net0"
                + ",remote.type=unix,remote.path=net0.host -netdev dgram,id=net1,",
            "-device virtio-net-pci,netdev=net1,bus=door,addr=0.1,multifunction=on,romfile="
                + ",mac=02:77:00:00:00:11"
                + " -device virtio-net-pci,netdev=net0,bus=door,addr=0.0,multifunction=on,romfile="
                + ",mac=02:77:00:00:00:10")
        .doesNotContain("user,id=n");
    assertThat(line(settings(), true, new Birth.Boot(new Adapters("m", two)), true))
        .contains(
            "user,id=n,restrict=on",
            "netdev=net1,bus=door,addr=0.2,",
            "netdev=net0,bus=door,addr=0.1,",
            "-device virtio-net-pci,netdev=n,bus=door,addr=0.0,multifunction=on,romfile=,mac=m");
    GuestCards one = GuestCards.of(RUN, List.of(card(0)));
    assertThat(line(settings(), true, new Birth.Boot(new Adapters(null, one)), true))
        .contains("-device virtio-net-pci,netdev=net0,bus=door,romfile=,mac=02:77:00:00:00:10")
        .doesNotContain("multifunction");
    // What is put in later goes where a template has its door, and nothing else is another.
    assertThat(devices(line(settings(), true, new Birth.Revival(new Adapters(null, two)), false)))
        .isEqualTo(devices(line(settings(), true, new Birth.Boot(new Adapters(null, two)), false)));
  }

  @Test
  void aMachineIsInEachNetworkOnceAndInSevenAtMost() {
    assertThatThrownBy(() -> GuestCards.of(RUN, List.of(card(0), card(0))))
        .isInstanceOf(DriverException.class);
    List<NetworkCard> eight = IntStream.range(0, 8).mapToObj(VmWordsTest::card).toList();
    assertThatThrownBy(() -> GuestCards.of(RUN, eight)).isInstanceOf(DriverException.class);
  }

  @Test
  void addressesAreStaticAndTheHostsFileIsTold() throws Exception {
    GuestCards two = GuestCards.of(RUN, List.of(card(0), card(1)));
    assertThat(new String(CardScript.hook(two), UTF_8))
        .startsWith("#!/bin/sh\nset -eu\n")
        .contains(
            "05-net0.network <<'END'\n[Match]\nMACAddress=02:77:00:00:00:10\n",
            "Address=10.71.0.5/24\nAddress=fd71::5/64\nDNS=10.71.0.1\nDNS=fd71::1\n",
            "MTUBytes=1380",
            "# networks\n10.70.0.5 web.my0.internal web\n",
            "case $has in *tentative*) ;; *\" 10.71.0.5/24 \"*\" fd71::5/64 \"*) break ;; esac")
        .doesNotContain("Gateway", "@", "networkctl")
        .endsWith("/bin/sh /run/atoll-networks\n");
  }

  @Test
  void aCloneHasTheDevicesOfItsTemplate() {
    assertThat(devices(line(settings(), true, new Birth.Restore(), false)))
        .isEqualTo(devices(line(settings(), true, new Birth.BootTemplate(), true)))
        .doesNotContain("virtio-net-pci");
    assertThat(line(settings(), true, new Birth.Restore(), false)).contains("-incoming defer");
  }

  private static List<String> devices(String line) {
    return List.of(line.split(" -")).stream().filter(word -> word.startsWith("device")).toList();
  }

  @Test
  void readsWhichPortsLeadIn() {
    String said =
        """
        Hub -1 (n):\r
          Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r
          TCP[HOST_FORWARD]  13       127.0.0.1 38475       10.0.2.15    22     0     0\r
          UDP[HOST_FORWARD]  14       127.0.0.1  5353       10.0.2.15    53     0     0\r
          TCP[ESTABLISHED]   15       127.0.0.1 38475       10.0.2.15    22     0     0\r
          TCP[HOST_FORWARD]  13       127.0.0.1 99999       10.0.2.15    22     0     0\r
        """;
    assertThat(Forwards.parse(said))
        .containsExactly(
            Endpoint.parse("22/tcp->127.0.0.1:38475"), Endpoint.parse("53/udp->127.0.0.1:5353"));
    assertThat(Forwards.parse("")).isEmpty();
  }

  private static Workload workload(Map<String, String> env) {
    return workload(env, Guest.NONE);
  }

  private static Workload workload(Map<String, String> env, Guest guest) {
    return new Workload(
        "vm",
        "i",
        List.of("ls"),
        env,
        Resources.NONE,
        1,
        List.of(),
        false,
        Workload.Isolation.SANDBOX,
        guest);
  }

  @Test
  void whatIsForTheMachineIsNotForTheCommand() throws Exception {
    GuestOrder order =
        GuestOrder.of(
            RUN,
            workload(Map.of("X", "1"), new Guest("a", List.of(), "#!/bin/x")),
            GuestCards.NONE);
    assertThat(order.host().text()).isEqualTo("a");
    assertThat(order.env()).containsOnlyKeys("X", "PATH", "HOME");
    assertThat(order.userData().none()).isFalse();
    assertThat(GuestOrder.of(RUN, workload(Map.of()), GuestCards.NONE).host().text())
        .isEqualTo("t0123456789ab-1-7");
    assertThat(order.mac()).isEqualTo(GuestOrder.mac(RUN)).startsWith("52:54:00:");
    for (Workload no :
        List.of(
            workload(Map.of(), new Guest("A b", List.of(), "")),
            workload(Map.of(), new Guest("", List.of("nonsense"), "")),
            workload(Map.of(), new Guest("", List.of(), "nonsense")),
            workload(Map.of("A=B", "c")))) {
      assertThatThrownBy(() -> GuestOrder.of(RUN, no, GuestCards.NONE))
          .isInstanceOf(DriverException.class);
    }
  }

  @Test
  void sizesThatMakeNoMachineAreRefused() throws Exception {
    assertThat(MachineShape.of(Resources.NONE)).isEqualTo(new MachineShape(1, 512));
    assertThat(MachineShape.of(new Resources(1001, 1L << 30, 0)))
        .isEqualTo(new MachineShape(2, 1024));
    for (Resources no : List.of(new Resources(0, 1 << 20, 0), new Resources(100_000, 0, 0))) {
      assertThatThrownBy(() -> MachineShape.of(no)).isInstanceOf(DriverException.class);
    }
  }

  @Test
  void theIdentityIsSafeToSay() throws Exception {
    GuestOrder order = GuestOrder.of(RUN, workload(Map.of()), GuestCards.NONE);
    String script = new String(Identity.script(order, "debian"), UTF_8);
    assertThat(script).doesNotContainPattern("@[A-Z]+@").contains("t0123456789ab.1-7");
    assertThat(new String(Identity.script(order, "debian"), UTF_8)).isNotEqualTo(script);
    assertThatThrownBy(() -> Identity.script(order, "x; reboot")).hasMessageContaining("user");
    Process shell = new ProcessBuilder("sh", "-n").redirectErrorStream(true).start();
    shell.getOutputStream().write(script.getBytes(UTF_8));
    shell.getOutputStream().close();
    assertThat(new String(shell.getInputStream().readAllBytes(), UTF_8)).isEmpty();
    assertThat(shell.waitFor()).isZero();
  }

  @Test
  void theEndFollowsFromTheFolder() throws Exception {
    VmFolder run = new VmFolder(folder.resolve("run"));
    Files.createDirectories(run.path().resolve("work"));
    VmJudgement command = new VmJudgement(run, "/bin/x");
    assertThat(command.judge(new Exit(Exit.Cause.EXITED, 1, "")).neverBegan()).isTrue();
    Files.writeString(run.work("qemu.log"), "one\nno such disk\n");
    run.mark(VmFolder.UP, "");
    assertThat(command.judge(Exit.of(1)).detail()).isEqualTo("QEMU ended with 1: no such disk");
    assertThat(command.judge(Exit.of(0)).cause()).isEqualTo(Exit.Cause.LOST);
    assertThat(new VmJudgement(run, "").judge(Exit.of(0))).isEqualTo(Exit.of(0));
    says(run, "exit 7\n");
    assertThat(command.judge(Exit.of(0))).isEqualTo(Exit.of(7));
    says(run, "signal 11\n");
    assertThat(command.judge(Exit.of(0))).isEqualTo(new Exit(Exit.Cause.SIGNALED, 139, ""));
    says(run, "missing 2\n");
    assertThat(command.judge(Exit.of(0)).neverBegan()).isTrue();
    says(run, "exit 99999 or whatever a guest may say".repeat(1000));
    assertThat(command.judge(Exit.of(0)).cause()).isEqualTo(Exit.Cause.LOST);
    says(run, "exit 9\n");
    run.mark(VmFolder.STOPPING, "");
    assertThat(command.judge(Exit.of(0))).isEqualTo(new Exit(Exit.Cause.STOPPED, 9, ""));
    Exit killed = new Exit(Exit.Cause.STOPPED, 137, "");
    says(run, "");
    assertThat(command.judge(killed)).isEqualTo(killed);
  }

  private static void says(VmFolder run, String text) throws Exception {
    Files.writeString(run.work(VmFolder.EXIT), text);
  }
}
