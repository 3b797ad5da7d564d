package io.atoll.runtime.qemu.build;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The first file system of a guest, 3 MB: busybox, the modules that reach the root disk, and a
/// script of ours. An archive as the kernel reads it (cpio `newc`): per file `070701`, 13 numbers
/// of eight hex digits, the name, the bytes, each padded to four.
final class Initramfs {
  /// In the order in which they must be loaded; one that the kernel has built in is left out.
  static final List<String> MODULES =
      List.of(
          "virtio_ring",
          "virtio",
          "virtio_pci_modern_dev",
          "virtio_pci_legacy_dev",
          "virtio_pci",
          "virtio_blk",
          "failover",
          "net_failover",
          "virtio_net",
          "virtio_console",
          "virtio-rng",
          "virtio_balloon",
          "cdrom",
          "isofs");

  private static final List<String> TOOLS =
      List.of("sh", "mount", "insmod", "switch_root", "sleep", "read", "echo");
  private static final int FOLDER = 0040755;
  private static final int PROGRAM = 0100755;
  private static final int FILE = 0100644;
  private static final int LINK = 0120777;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int inode = 1;

  private Initramfs() {}

  /// @param root of the system that is to be booted
  static byte[] of(Path root) throws IOException {
    Initramfs archive = new Initramfs();
    for (String folder : List.of("bin", "dev", "lib", "newroot", "proc", "sys")) {
      archive.put(folder, FOLDER, new byte[0]);
    }
    archive.put("bin/busybox", PROGRAM, Files.readAllBytes(root.resolve("usr/bin/busybox")));
    for (String tool : TOOLS) {
      archive.put("bin/" + tool, LINK, "busybox".getBytes(UTF_8));
    }
    List<String> order = new ArrayList<>();
    try (Stream<Path> all = Files.walk(root.resolve("usr/lib/modules"))) {
      List<Path> files = all.filter(file -> file.toString().endsWith(".ko")).sorted().toList();
      for (String module : MODULES) {
        Optional<Path> file =
            files.stream().filter(each -> each.endsWith(module + ".ko")).findFirst();
        if (file.isPresent()) {
          archive.put("lib/" + module + ".ko", FILE, Files.readAllBytes(file.get()));
          order.add(module);
        }
      }
    }
    archive.put("lib/order", FILE, (String.join("\n", order) + "\n").getBytes(UTF_8));
    archive.put("init", PROGRAM, resource("init"));
    archive.put("TRAILER!!!", 0, new byte[0]);
    return archive.out.toByteArray();
  }

  static byte[] resource(String name) throws IOException {
    try (InputStream in = Initramfs.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("'" + name + "' is missing in this build of Atoll");
      }
      return in.readAllBytes();
    }
  }

  private void put(String name, int mode, byte[] data) {
    byte[] path = (name + "\0").getBytes(UTF_8);
    int links = mode == FOLDER ? 2 : 1;
    int[] numbers = {inode++, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, path.length, 0};
    StringBuilder head = new StringBuilder("070701");
    for (int number : numbers) {
      head.append(String.format("%08x", number));
    }
    out.writeBytes(head.toString().getBytes(US_ASCII));
    out.writeBytes(path);
    pad();
    out.writeBytes(data);
    pad();
  }

  private void pad() {
    while (out.size() % 4 != 0) {
      out.write(0);
    }
  }
}
