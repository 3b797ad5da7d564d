package io.atoll.runtime.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which devices are told as graphics, and which are not.
class GpuReaderTest {
  @TempDir Path folder;

  @Test
  void findsCardsWithAndWithoutADriver() throws Exception {
    String on = "sys/devices/pci0000:00/";
    Tree tree =
        new Tree(folder)
            .pci("0000:00:02.0", "030000", "8086", "9a49")
            .link(on + "0000:00:02.0/driver", "sys/bus/pci/drivers/i915")
            .link("sys/class/drm/card0/device", on + "0000:00:02.0")
            .link("sys/class/drm/renderD128/device", on + "0000:00:02.0")
            .pci("0000:01:00.0", "030000", "10de", "2684")
            .pci("0000:01:00.1", "040300", "10de", "22ba") // its sound is no second card
            .file(
                "proc/driver/nvidia/gpus/0000:01:00.0/information",
                "Model: \t Example 4090\nIRQ: 1\n")
            .pci("0000:02:00.0", "120000", "1002", "74a1") // computes, and has no screen
            .file(on + "0000:02:00.0/mem_info_vram_total", "206141652992\n")
            .file(on + "0000:02:00.0/product_name", "Example MI300X\n")
            .link("sys/class/drm/renderD129/device", on + "0000:02:00.0")
            .pci("0000:03:00.0", "120000", "1da3", "1020") // accelerates something else
            .pci("0000:04:00.0", "020000", "8086", "1533");
    assertThat(tree.read("amd64").gpus())
        .containsExactly(
            new Gpu("intel", "8086", "9a49", "0000:00:02.0", "i915", null, null, true),
            new Gpu("nvidia", "10de", "2684", "0000:01:00.0", null, "Example 4090", null, false),
            new Gpu(
                "amd",
                "1002",
                "74a1",
                "0000:02:00.0",
                null,
                "Example MI300X",
                206141652992L,
                true));
  }

  @Test
  void findsThePartOfASystemOnChipThatRenders() throws Exception {
    Tree tree =
        new Tree(folder)
            .file("sys/devices/platform/v3d/uevent", "DRIVER=v3d\nOF_COMPATIBLE_0=brcm,2711-v3d\n")
            .link("sys/devices/platform/v3d/driver", "sys/bus/platform/drivers/v3d")
            .link("sys/class/drm/card0/device", "sys/devices/platform/v3d")
            .link("sys/class/drm/renderD128/device", "sys/devices/platform/v3d")
            .file("sys/devices/platform/gpu/uevent", "DRIVER=vc4\nOF_COMPATIBLE_0=brcm,2711-vc5\n")
            .link("sys/devices/platform/gpu/driver", "sys/bus/platform/drivers/vc4")
            .link("sys/class/drm/card1/device", "sys/devices/platform/gpu")
            // a frame buffer of the firmware, and a driver without a device
            .file("sys/devices/platform/simple-framebuffer.0/uevent", "DRIVER=simple-framebuffer\n")
            .link("sys/class/drm/card2/device", "sys/devices/platform/simple-framebuffer.0")
            .file("sys/devices/platform/vgem/uevent", "MODALIAS=platform:vgem\n")
            .link("sys/class/drm/renderD129/device", "sys/devices/platform/vgem");
    assertThat(tree.read("aarch64").gpus())
        .containsExactly(new Gpu("brcm", null, null, null, "v3d", "brcm,2711-v3d", null, true));
  }

  @Test
  void inventsNone() throws Exception {
    Tree tree = new Tree(folder).pci("0000:00:01.0", "060400", "8086", "1");
    tree.file("sys/class/drm/version", "drm 1.1.0 20060810\n");
    assertThat(tree.read("amd64").gpus()).isEmpty();
  }

  /// The screen of a virtual machine is a display controller, and is told as what it is.
  @Test
  void namesTheScreenOfAVirtualMachine() throws Exception {
    Tree tree = new Tree(folder).pci("0000:00:01.0", "030000", "1234", "1111");
    assertThat(tree.read("amd64").gpus())
        .containsExactly(new Gpu("qemu", "1234", "1111", "0000:00:01.0", null, null, null, false));
  }
}
