package io.atoll.runtime.microvm;

import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.qemu.Accelerator;
import io.atoll.runtime.qemu.HostSystem;
import java.util.ArrayList;
import java.util.List;

/// The words that start a guest. Pure: the same values, the same words, on any system.
///
/// Template and clone differ in nothing that the guest can see, or the state would not fit.
///
/// @param program QEMU's path
/// @param image what QEMU opens as the disk: a path, or `/dev/fdset/1`
/// @param imageDescriptor number of the open file behind `/dev/fdset/1`; -1 = `image` is a path
/// @param folder where it makes its sockets `qmp`, `agent` and `exec`
/// @param meeting where the sockets of its network cards are
record MicrovmCommand(
    String program,
    HostSystem system,
    MachineShape shape,
    Beginning beginning,
    String image,
    int imageDescriptor,
    String folder,
    String meeting) {
  static final String PORT = "io.atoll.agent";

  /// Where commands are asked for.
  static final String EXEC_PORT = "io.atoll.exec";

  /// How the guest comes to life.
  sealed interface Beginning {
    /// From its kernel, with memory of its own.
    record Boot(String kernel, String initramfs) implements Beginning {}

    /// From its kernel, with memory in a file that is to be a template's.
    record Template(String kernel, String initramfs, String memory) implements Beginning {}

    /// From a template: memory mapped copy-on-write, the rest over QMP.
    record Clone(String memory) implements Beginning {}

    /// From its own saved state, memory and all, which comes over QMP.
    record Revival() implements Beginning {}
  }

  List<String> words() {
    List<String> words = new ArrayList<>();
    add(words, program, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot");
    add(words, "-machine", shape.machine() + ",memory-backend=m0");
    boolean boots = beginning instanceof Beginning.Boot || beginning instanceof Beginning.Template;
    add(words, "-accel", shape.accelerator().argument(boots));
    add(words, "-cpu", shape.accelerator().cpu());
    add(words, "-smp", String.valueOf(shape.cpus()), "-m", shape.memory() + "M");
    String size = ",id=m0,size=" + shape.memory() + "M";
    switch (beginning) {
      case Beginning.Boot(String kernel, String initramfs) -> {
        add(words, "-object", "memory-backend-ram" + size);
        boot(words, kernel, initramfs);
      }
      case Beginning.Template(String kernel, String initramfs, String memory) -> {
        add(words, "-object", "memory-backend-file" + size + ",share=on,mem-path=" + memory);
        boot(words, kernel, initramfs);
      }
      case Beginning.Clone(String memory) -> {
        add(words, "-object", "memory-backend-file" + size + ",share=off,mem-path=" + memory);
        add(words, "-incoming", "defer");
      }
      case Beginning.Revival() -> {
        add(words, "-object", "memory-backend-ram" + size);
        add(words, "-incoming", "defer");
      }
    }
    if (imageDescriptor >= 0) {
      add(words, "-add-fd", "fd=" + imageDescriptor + ",set=1");
    }
    add(words, "-blockdev", disk(), "-device", "virtio-blk-pci,drive=image");
    add(words, "-device", "virtio-serial-pci");
    add(words, "-chardev", socket("agent"), "-device", "virtserialport,chardev=agent,name=" + PORT);
    add(words, "-chardev", socket("exec"));
    add(words, "-device", "virtserialport,chardev=exec,name=" + EXEC_PORT);
    for (int i = 0; i < shape.cards(); i++) {
      add(words, "-netdev", GuestCards.netdev(i, meeting), "-device", card(i));
    }
    add(words, "-chardev", socket("qmp"), "-mon", "chardev=qmp,mode=control");
    add(words, "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console");
    if (system.filters()) {
      boolean saves = beginning instanceof Beginning.Template;
      add(words, "-sandbox", saves ? SANDBOX : SANDBOX + ",spawn=deny");
    }
    return List.copyOf(words);
  }

  /// Only a template may start a program, the one that takes its state: it never runs a payload.
  private static final String SANDBOX =
      "on,obsolete=deny,elevateprivileges=deny,resourcecontrol=deny";

  private void boot(List<String> words, String kernel, String initramfs) {
    String line = "console=ttyS0 panic=-1 quiet loglevel=1 audit=0 random.trust_cpu=on";
    if (shape.accelerator() == Accelerator.TCG) {
      // Nothing speculates there, no clock is worth calibrating, and trying every cipher of the
      // kernel would be a quarter of the boot. What it patches in its own code is translated
      // again, so it had better leave the locks of its processors alone.
      line += " mitigations=off nokaslr no_timer_check cryptomgr.notests";
      line += " noreplace-smp";
    }
    add(words, "-kernel", kernel, "-initrd", initramfs, "-append", line);
  }

  private String disk() {
    return "driver=file,node-name=image,read-only=on,filename=" + image.replace(",", ",,");
  }

  /// No program in a ROM: nobody boots from it.
  private static String card(int number) {
    return "virtio-net-pci,netdev=net"
        + number
        + ",mac="
        + GuestCards.unnamed(number)
        + ",romfile=";
  }

  private String socket(String name) {
    String path = folder + "/" + name;
    return "socket,id=" + name + ",server=on,wait=off,path=" + path.replace(",", ",,");
  }

  private static void add(List<String> words, String... more) {
    words.addAll(List.of(more));
  }
}
