package io.atoll.runtime.microvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Resources;
import io.atoll.runtime.microvm.MicrovmCommand.Beginning;
import io.atoll.runtime.qemu.Accelerator;
import io.atoll.runtime.qemu.HostSystem;
import io.atoll.runtime.qemu.QemuProgram;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The words themselves; those for Linux are also run by the driver's tests.
class MicrovmCommandTest {
  private static final QemuProgram QEMU = new QemuProgram(Path.of("/q"), 7, 2, "7.2.22");

  private static String line(HostSystem system, Accelerator accelerator, Beginning beginning) {
    return line(system, accelerator, beginning, 0);
  }

  private static String line(
      HostSystem system, Accelerator accelerator, Beginning beginning, int cards) {
    MachineShape shape =
        MachineShape.of(QEMU, accelerator, new Resources(1500, 100L << 20, 0), cards);
    return String.join(
        " ",
        new MicrovmCommand("qemu", system, shape, beginning, "/a,b.squashfs", -1, "/run", "/meet")
            .words());
  }

  @Test
  void linuxEmulated() {
    assertThat(line(HostSystem.LINUX, Accelerator.TCG, new Beginning.Boot("/k", "/i")))
        .isEqualTo(
            "qemu -nodefaults -no-user-config -display none -no-reboot"
                + " -machine pc-q35-7.2,memory-backend=m0"
                + " -accel tcg,thread=multi,tb-size=64 -cpu max,-erms,-fsrm -smp 2 -m 112M"
                + " -object memory-backend-ram,id=m0,size=112M"
                + " -kernel /k -initrd /i -append console=ttyS0 panic=-1 quiet loglevel=1 audit=0"
                + " random.trust_cpu=on mitigations=off nokaslr no_timer_check cryptomgr.notests"
                + " noreplace-smp"
                + " -blockdev driver=file,node-name=image,read-only=on,filename=/a,,b.squashfs"
                + " -device virtio-blk-pci,drive=image -device virtio-serial-pci"
                + " -chardev socket,id=agent,server=on,wait=off,path=/run/agent"
                + " -device virtserialport,chardev=agent,name=io.atoll.agent"
                + " -chardev socket,id=exec,server=on,wait=off,path=/run/exec"
                + " -device virtserialport,chardev=exec,name=io.atoll.exec"
                + " -chardev socket,id=qmp,server=on,wait=off,path=/run/qmp"
                + " -mon chardev=qmp,mode=control"
                + " -chardev stdio,id=console,signal=off -serial chardev:console"
                + " -sandbox on,obsolete=deny,elevateprivileges=deny,resourcecontrol=deny"
                + ",spawn=deny");
  }

  @Test
  void mitigationsStayOnWhereTheProcessorIsReal() {
    assertThat(line(HostSystem.LINUX, Accelerator.KVM, new Beginning.Boot("/k", "/i")))
        .contains("-accel kvm -cpu host ")
        .doesNotContain("mitigations")
        .doesNotContain("nokaslr");
  }

  @Test
  void macosAndWindowsAsText() {
    assertThat(line(HostSystem.MACOS, Accelerator.HVF, new Beginning.Boot("/k", "/i")))
        .contains("-accel hvf -cpu host ")
        .doesNotContain("-sandbox");
    assertThat(line(HostSystem.WINDOWS, Accelerator.WHPX, new Beginning.Boot("C:\\k", "C:\\i")))
        .contains("-accel whpx -cpu max ", "-kernel C:\\k -initrd C:\\i")
        .doesNotContain("-sandbox");
    assertThat(Accelerator.candidates(HostSystem.MACOS))
        .containsExactly(Accelerator.HVF, Accelerator.TCG);
    assertThat(Accelerator.candidates(HostSystem.WINDOWS))
        .containsExactly(Accelerator.WHPX, Accelerator.TCG);
  }

  @Test
  void templateAndCloneDifferOnlyInHowTheyBegin() {
    String template =
        line(HostSystem.LINUX, Accelerator.TCG, new Beginning.Template("/k", "/i", "/mem"));
    String clone = line(HostSystem.LINUX, Accelerator.TCG, new Beginning.Clone("/mem"));
    assertThat(template).contains("share=on,mem-path=/mem").doesNotContain("spawn=deny");
    assertThat(clone)
        .contains("share=off,mem-path=/mem -incoming defer", "spawn=deny")
        .doesNotContain("-kernel");
    String devices = clone.substring(clone.indexOf("-blockdev"), clone.indexOf(" -sandbox"));
    assertThat(template).contains(devices);
    String again = line(HostSystem.LINUX, Accelerator.TCG, new Beginning.Revival());
    assertThat(again)
        .contains("-object memory-backend-ram,id=m0,size=112M -incoming defer", devices)
        .contains("spawn=deny");
  }

  @Test
  void aCardIsADeviceAndAPairOfSockets() {
    String card =
        " -netdev dgram,id=net1,local.type=unix,local.path=/meet/net1,remote.type=unix"
            + ",remote.path=/meet/net1.host"
            + " -device virtio-net-pci,netdev=net1,mac=02:00:00:00:00:02,romfile=";
    Beginning[] all = {
      new Beginning.Boot("/k", "/i"),
      new Beginning.Template("/k", "/i", "/mem"),
      new Beginning.Clone("/mem"),
      new Beginning.Revival()
    };
    for (Beginning each : all) {
      assertThat(line(HostSystem.LINUX, Accelerator.TCG, each, 2))
          .contains(card, card.replace("net1", "net0").replace("00:02", "00:01"));
      for (HostSystem system : HostSystem.values()) {
        assertThat(line(system, Accelerator.TCG, each, 2)).contains(card);
        assertThat(line(system, Accelerator.TCG, each)).doesNotContain("net");
      }
    }
    Resources size = new Resources(0, 112L << 20, 0);
    assertThat(MachineShape.of(QEMU, Accelerator.TCG, size, 2).key())
        .isEqualTo(MachineShape.of(QEMU, Accelerator.TCG, size, 0).key() + "-2net");
  }

  @Test
  void aMachineIsAsLargeAsAskedInSteps() {
    for (long[] each : new long[][] {{0, 112}, {112, 112}, {113, 128}, {128, 128}, {1000, 1008}}) {
      MachineShape shape =
          MachineShape.of(QEMU, Accelerator.TCG, new Resources(0, each[0] << 20, 0), 0);
      assertThat(shape.memory()).isEqualTo((int) each[1]);
      assertThat(shape.cpus()).isEqualTo(1);
    }
    assertThat(
            List.of(
                MachineShape.of(QEMU, Accelerator.TCG, new Resources(1001, 0, 0), 0).cpus(),
                MachineShape.of(QEMU, Accelerator.TCG, new Resources(1000, 0, 0), 0).cpus()))
        .containsExactly(2, 1);
  }
}
