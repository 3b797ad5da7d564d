package io.atoll.runtime.hardware;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds what draws: display controllers on the PCI bus (class 03), and whatever has a render
/// node of the kernel's graphics drivers and is a real device. A frame buffer of the firmware,
/// a driver without a device and a card that only drives a screen of a system-on-chip are none.
final class GpuReader {
  private static final Map<String, String> VENDORS =
      Map.ofEntries(
          Map.entry("10de", "nvidia"),
          Map.entry("1002", "amd"),
          Map.entry("1022", "amd"),
          Map.entry("8086", "intel"),
          Map.entry("1a03", "aspeed"),
          Map.entry("102b", "matrox"),
          Map.entry("1234", "qemu"),
          Map.entry("1af4", "virtio"),
          Map.entry("1b36", "redhat"),
          Map.entry("15ad", "vmware"),
          Map.entry("1414", "microsoft"),
          Map.entry("1013", "cirrus"));

  private final Path root;

  GpuReader(Path root) {
    this.root = root;
  }

  List<Gpu> read() {
    Set<Path> rendering = new HashSet<>();
    for (Path node : KernelText.entries(root.resolve("sys/class/drm"))) {
      Path device = KernelText.real(node.resolve("device"));
      if (device != null && node.getFileName().toString().startsWith("renderD")) {
        rendering.add(device);
      }
    }
    Set<Path> devices = new LinkedHashSet<>();
    for (Path entry : KernelText.entries(root.resolve("sys/bus/pci/devices"))) {
      Path device = KernelText.real(entry);
      if (device != null && (isDisplay(device) || rendering.contains(device))) {
        devices.add(device);
      }
    }
    rendering.stream().sorted().filter(GpuReader::isPart).forEach(devices::add);
    List<Gpu> gpus = new ArrayList<>();
    for (Path device : devices) {
      gpus.add(gpu(device, rendering.contains(device)));
    }
    return gpus;
  }

  private static boolean isDisplay(Path device) {
    String code = KernelText.word(device.resolve("class"));
    return code != null && code.startsWith("0x03");
  }

  /// A part of a system-on-chip: described by the firmware, and with a driver.
  private static boolean isPart(Path device) {
    return compatible(device) != null && Files.exists(device.resolve("driver"));
  }

  /// The first of the names by which the firmware calls it, such as `brcm,2711-v3d`.
  private static @Nullable String compatible(Path device) {
    return KernelText.text(device.resolve("uevent"))
        .lines()
        .filter(line -> line.startsWith("OF_COMPATIBLE_0="))
        .map(line -> line.substring("OF_COMPATIBLE_0=".length()).strip())
        .filter(name -> !name.isEmpty())
        .findFirst()
        .orElse(null);
  }

  private Gpu gpu(Path device, boolean renders) {
    String vendorId = hexadecimal(device.resolve("vendor"));
    String driver = KernelText.linkedName(device.resolve("driver"));
    Long memory = KernelText.number(device.resolve("mem_info_vram_total"));
    if (vendorId == null) {
      String compatible = compatible(device);
      String name = compatible == null ? "unknown" : compatible;
      int comma = name.indexOf(',');
      return new Gpu(
          comma < 0 ? name : name.substring(0, comma),
          null,
          null,
          null,
          driver,
          compatible,
          memory,
          renders);
    }
    String address = String.valueOf(device.getFileName());
    return new Gpu(
        VENDORS.getOrDefault(vendorId, vendorId),
        vendorId,
        hexadecimal(device.resolve("device")),
        address,
        driver,
        model(device, address),
        memory,
        renders);
  }

  private static @Nullable String hexadecimal(Path file) {
    String word = KernelText.word(file);
    return word == null || !word.startsWith("0x") ? null : word.substring(2);
  }

  /// NVIDIA's driver and AMD's for servers tell it; others need a data base of names.
  private @Nullable String model(Path device, String address) {
    String product = KernelText.word(device.resolve("product_name"));
    return product != null
        ? product
        : KernelText.text(root.resolve("proc/driver/nvidia/gpus/" + address + "/information"))
            .lines()
            .filter(line -> line.startsWith("Model:"))
            .map(line -> line.substring("Model:".length()).strip())
            .findFirst()
            .orElse(null);
  }
}
