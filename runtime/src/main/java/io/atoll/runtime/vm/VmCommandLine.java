package io.atoll.runtime.vm;

import io.atoll.core.term.Port;
import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.qemu.disk.VmImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The words that start one machine. Every name is relative to the run's work folder, in which
/// QEMU stands; of the rest of the host it is told nothing.
///
/// A machine and its template have the same devices in the same places: state saved on one can
/// be restored on the other. So the ports of virtio-serial are always there, and cards sit behind
/// a root port where they can be put in later.
final class VmCommandLine {
  /// Descriptors that the shell hands to QEMU; see [#whole].
  private static final int OUT = 8;

  private static final int ERR = 9;
  static final String SANDBOX =
      "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

  private VmCommandLine() {}

  /// How a machine comes to life.
  sealed interface Birth {
    /// From its image, with its cards.
    record Boot(Adapters cards) implements Birth {}

    /// From its image, without a card: it will be a template.
    record BootTemplate() implements Birth {}

    /// From saved state, which comes over a socket; its card is put in afterwards.
    record Restore() implements Birth {}

    /// From its own state, which comes over a socket; it has its cards, and its ports come later.
    record Revival(Adapters cards) implements Birth {}
  }

  /// QEMU's own words go to a file, its payload's to the supervisor.
  ///
  /// The shell stays: the supervisor watches it, and it ends as QEMU ended. Only where QEMU ended
  /// well and `asleep` lies in the folder it waits until that is gone, and then makes a QEMU that
  /// waits for state. So a machine that gave its memory back keeps supervisor, output and folder.
  /// All words are given at the start: nothing that QEMU could write is ever executed.
  ///
  /// @param again words of that second QEMU; empty for a machine that never sleeps
  static List<String> whole(List<String> qemu, List<String> again) {
    List<String> words =
        new ArrayList<>(List.of("/bin/sh", "-c", SHELL, "sh", String.valueOf(qemu.size())));
    words.addAll(qemu);
    words.addAll(again);
    return words;
  }

  private static final String SHELL =
      """
      count=$1
      shift
      all=$#
      exec %d>&1 %d>&2 >%s 2>&1
      (
        at=0
        while [ $at -lt $count ]; do
          set -- "$@" "$1"
          shift
          at=$((at + 1))
        done
        shift $((all - count))
        exec "$@"
      )
      code=$?
      shift $count
      while [ $code = 0 ] && [ $# -gt 0 ] && [ -e %s ]; do
        : >%s
        while [ -e %s ]; do sleep 0.5; done
        rm -f %s
        "$@"
        code=$?
      done
      [ $code -le 128 ] || kill -$((code - 128)) $$
      exit $code
      """
          .formatted(
              OUT,
              ERR,
              VmFolder.LOG,
              VmFolder.ASLEEP,
              VmFolder.WAITING,
              VmFolder.ASLEEP,
              VmFolder.WAITING);

  /// @param console whether the serial line is the run's output; else the command's is
  static List<String> of(
      VmSettings settings,
      MachineShape shape,
      VmImage image,
      Birth birth,
      List<Port> ports,
      boolean console) {
    List<String> words = new ArrayList<>();
    words.add(settings.qemu().path().toString());
    words.addAll(List.of("-M", settings.qemu().machine()));
    words.addAll(List.of("-accel", settings.kvm() ? "kvm" : "tcg,thread=multi,tb-size=256"));
    words.addAll(List.of("-cpu", settings.kvm() ? "host" : "Nehalem"));
    words.addAll(List.of("-smp", String.valueOf(shape.cpus())));
    words.addAll(List.of("-m", String.valueOf(shape.memoryMib())));
    words.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none"));
    words.addAll(List.of("-sandbox", SANDBOX));
    kernel(words, settings, image, birth);
    words.addAll(
        List.of(
            "-drive",
            drive("r", VmFolder.DISK, "qcow2") + ",discard=unmap,node-name=" + VmSnapshots.NODE));
    words.addAll(List.of("-device", "virtio-blk-pci,drive=r,bootindex=1,addr=2"));
    words.addAll(List.of("-drive", drive("s", VmFolder.SEED, "raw") + ",readonly=on"));
    words.addAll(List.of("-device", "virtio-blk-pci,drive=s,addr=3"));
    words.addAll(List.of("-device", "virtio-rng-pci,addr=4"));
    serial(words, console);
    words.addAll(List.of("-device", "pcie-root-port,id=door,chassis=1,addr=6"));
    switch (birth) {
      case Birth.Boot(Adapters cards) -> cards(words, cards, ports);
      case Birth.Revival(Adapters cards) -> cards(words, cards, List.of());
      case Birth.BootTemplate _, Birth.Restore _ -> {}
    }
    if (restores(birth)) {
      words.addAll(List.of("-incoming", "defer"));
    }
    words.addAll(List.of("-qmp", "unix:" + VmFolder.QMP + ",server=on,wait=off"));
    return words;
  }

  private static void cards(List<String> words, Adapters cards, List<Port> ports) {
    if (cards.own() != null) {
      words.addAll(List.of("-netdev", "user,id=n," + network(ports)));
    }
    for (int i = 0; i < cards.networks().count(); i++) {
      words.addAll(List.of("-netdev", GuestCards.netdev(i, "")));
    }
    cards.all().forEach(each -> words.addAll(List.of("-device", each.word())));
  }

  private static boolean restores(Birth birth) {
    return switch (birth) {
      case Birth.Restore _, Birth.Revival _ -> true;
      case Birth.Boot _, Birth.BootTemplate _ -> false;
    };
  }

  private static void kernel(List<String> words, VmSettings settings, VmImage image, Birth birth) {
    if (image.kernel() == null || restores(birth)) {
      return; // the firmware finds the disk, or all is in the state
    }
    words.addAll(List.of("-kernel", VmFolder.KERNEL, "-initrd", VmFolder.INITRAMFS, "-append"));
    words.add(
        "console=ttyS0 root=/dev/vda rw panic=30 ds=nocloud quiet loglevel=3 audit=0"
            + " systemd.show_status=0 random.trust_cpu=on"
            // Against other guests on the same processor; there is none under emulation.
            + (settings.kvm() ? "" : " mitigations=off nokaslr"));
  }

  /// The layer is given up with its run: what the host has not written yet may be lost.
  private static String drive(String id, String file, String format) {
    return "id=" + id + ",file=" + file + ",if=none,cache=unsafe,format=" + format;
  }

  private static void serial(List<String> words, boolean console) {
    words.addAll(List.of("-add-fd", "fd=" + OUT + ",set=1"));
    words.addAll(List.of("-add-fd", "fd=" + ERR + ",set=2"));
    words.addAll(List.of("-chardev", toDescriptor("err", 2)));
    if (console) {
      words.addAll(List.of("-chardev", toDescriptor("console", 1)));
      words.addAll(List.of("-chardev", "null,id=out"));
    } else {
      words.addAll(List.of("-chardev", "ringbuf,id=console,size=65536"));
      words.addAll(List.of("-chardev", toDescriptor("out", 1)));
    }
    words.addAll(List.of("-serial", "chardev:console"));
    words.addAll(List.of("-chardev", "file,id=exit,path=" + VmFolder.EXIT));
    words.addAll(
        List.of("-chardev", "socket,id=agent,path=" + VmFolder.AGENT + ",server=on,wait=off"));
    words.addAll(List.of("-device", "virtio-serial-pci,id=ports,addr=5"));
    words.addAll(List.of("-device", port("agent", "org.qemu.guest_agent.0", 1)));
    words.addAll(List.of("-device", port("out", "atoll.out", 2)));
    words.addAll(List.of("-device", port("err", "atoll.err", 3)));
    words.addAll(List.of("-device", port("exit", "atoll.exit", 4)));
    words.addAll(
        List.of("-chardev", "socket,id=exec,path=" + VmFolder.EXEC + ",server=on,wait=off"));
    words.addAll(List.of("-device", port("exec", "io.atoll.exec", 5)));
  }

  private static String toDescriptor(String id, int set) {
    return "file,id=" + id + ",path=/dev/fdset/" + set + ",append=on";
  }

  private static String port(String chardev, String name, int number) {
    return "virtserialport,bus=ports.0,nr=" + number + ",chardev=" + chardev + ",name=" + name;
  }

  /// The guest reaches nobody; the host reaches these ports of it. QEMU chooses the host's.
  static String network(List<Port> ports) {
    StringBuilder words = new StringBuilder("restrict=on");
    for (Port port : ports) {
      words
          .append(",hostfwd=")
          .append(port.protocol().name().toLowerCase(Locale.ROOT))
          .append(":127.0.0.1:0-:")
          .append(port.number());
    }
    return words.toString();
  }

  /// What a machine is reached by: what was asked for, and SSH.
  static List<Port> withSsh(List<Port> asked) {
    Port ssh = new Port(22, Port.Protocol.TCP);
    List<Port> all = new ArrayList<>(asked);
    if (!all.contains(ssh)) {
      all.add(ssh);
    }
    return all;
  }

  static @Nullable Port parse(String protocol, String number) {
    try {
      return Port.parse(number + "/" + protocol);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
