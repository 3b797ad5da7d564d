package io.atoll.runtime.hardware;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The files of another machine, as far as a reader of its hardware looks at them.
final class Tree {
  final Path root;

  Tree(Path root) {
    this.root = root;
  }

  Tree file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return this;
  }

  /// @param to relative to the root
  Tree link(String path, String to) throws IOException {
    Path link = root.resolve(path);
    Files.createDirectories(link.getParent());
    Files.createDirectories(root.resolve(to));
    Files.createSymbolicLink(link, root.resolve(to));
    return this;
  }

  /// Processors as x86 kernels tell of them.
  ///
  /// @param places package and core of each, such as `0/1`
  Tree x86(String flags, String... places) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < places.length; i++) {
      String[] place = places[i].split("/");
      text.append("processor\t: ").append(i).append("\nvendor_id\t: GenuineIntel\n");
      text.append("model name\t: Example(R) CPU @ 3.00GHz: fast\ncpu MHz\t\t: 3000.000\n");
      text.append("physical id\t: ").append(place[0]).append("\nsiblings\t: 2\n");
      text.append("core id\t\t: ").append(place[1]).append("\ncpu cores\t: 1\n");
      text.append("flags\t\t: fpu vme ").append(flags).append(" sse\npower management:\n\n");
    }
    return file("proc/cpuinfo", text.toString());
  }

  /// Processors as arm64 kernels tell of them, with the topology of `/sys` beside.
  ///
  /// @param siblings of each; empty = the kernel knows no topology
  Tree arm(int processors, String... siblings) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < processors; i++) {
      text.append("processor\t: ").append(i).append("\nBogoMIPS\t: 108.00\n");
      text.append("Features\t: fp asimd evtstrm crc32 cpuid\nCPU implementer\t: 0x41\n");
      text.append("CPU architecture: 8\nCPU part\t: 0xd08\n\n");
      String cpu = "sys/devices/system/cpu/cpu" + i;
      file(cpu + "/online", "1\n");
      if (siblings.length > 0) {
        file(cpu + "/topology/thread_siblings_list", siblings[i] + "\n");
        file(cpu + "/topology/physical_package_id", "-1\n");
        file(cpu + "/topology/core_id", i % 4 + "\n"); // repeats from cluster to cluster
      }
    }
    return file("proc/cpuinfo", text.toString());
  }

  /// A device on the PCI bus.
  Tree pci(String address, String code, String vendor, String device) throws IOException {
    String folder = "sys/devices/pci0000:00/" + address;
    file(folder + "/class", "0x" + code + "\n");
    file(folder + "/vendor", "0x" + vendor + "\n");
    file(folder + "/device", "0x" + device + "\n");
    return link("sys/bus/pci/devices/" + address, folder);
  }

  HardwareReader reader(String arch, boolean takes32Bit) {
    return new HardwareReader(root, root, arch, "Plan 9", () -> takes32Bit);
  }

  Hardware read(String arch) {
    return reader(arch, false).read();
  }
}
