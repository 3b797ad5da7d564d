package io.atoll.runtime.qemu.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Machine;
import io.atoll.runtime.qemu.disk.VmImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// All but the packages, which take minutes and are proved by the machines that boot from them: a
/// build that was interrupted behind them, with a small root in their place.
@Tag("real")
@Timeout(120)
class ImageBuildTest {
  private static final Recipe RECIPE = Recipe.of("debian-12").orElseThrow();

  @TempDir Path folder;

  /// Work that an earlier build left behind.
  private void leaveWork(Path images) throws Exception {
    Path root = folder.resolve("root");
    Files.createDirectories(root.resolve("boot"));
    Files.createDirectories(root.resolve("usr/bin"));
    Files.createDirectories(root.resolve("usr/lib/modules/6.1/kernel"));
    Files.writeString(root.resolve("usr/bin/busybox"), "busybox");
    Files.writeString(root.resolve("usr/lib/modules/6.1/kernel/virtio_blk.ko"), "module");
    byte[] elf = "\u007fELF and the rest of the kernel".getBytes(UTF_8);
    Path kernel = Files.write(folder.resolve("kernel"), elf);
    run(List.of("lz4", "-l", "-f", "-q", kernel.toString(), kernel + ".lz4"));
    ByteArrayOutputStream image = new ByteArrayOutputStream();
    image.writeBytes("the setup code".getBytes(UTF_8));
    image.writeBytes(Files.readAllBytes(Path.of(kernel + ".lz4")));
    Files.write(root.resolve("boot/vmlinuz-6.1"), image.toByteArray());
    Path work = images.resolve(".debian-12.build");
    Files.createDirectories(work);
    run(
        List.of(
            "tar",
            "-C",
            root.toString(),
            "--sort=name",
            "--mtime=@1700000000",
            "-cf",
            work.resolve("rootfs.tar").toString(),
            "."));
    Files.writeString(work.resolve("recipe"), new ImageBuild(RECIPE, images, (s, o, w) -> {}).id());
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void goesOnWhereItWas() throws Exception {
    Assumptions.assumeTrue(Machine.uid() == 0, "qemu: only root can build images");
    List<String> sums = new ArrayList<>();
    for (String name : List.of("one", "two")) {
      Path images = folder.resolve(name);
      leaveWork(images);
      List<String> steps = new ArrayList<>();
      VmImage image =
          new ImageBuild(RECIPE, images, (step, of, what) -> steps.add(step + "/" + of)).run();
      assertThat(steps).containsExactly("2/4", "3/4", "4/4");
      assertThat(image.virtualSize()).isEqualTo(2L << 30);
      assertThat(image.user()).isEqualTo("debian");
      assertThat(image.kernel()).content().startsWith("\u007fELF");
      assertThat(images.resolve(".debian-12.build")).doesNotExist();
      sums.add(ImageBuild.sha256(image.folder().resolve("initramfs")));
      steps.clear();
      new ImageBuild(RECIPE, images, (step, of, what) -> steps.add("again")).run();
      assertThat(steps).isEmpty();
    }
    assertThat(sums.get(0)).isEqualTo(sums.get(1));
  }

  @Test
  void theArchiveIsOneThatOthersRead() throws Exception {
    leaveWork(folder.resolve("x"));
    Path archive = Files.write(folder.resolve("a"), Initramfs.of(folder.resolve("root")));
    Process process =
        new ProcessBuilder("cpio", "-tv", "--quiet").redirectInput(archive.toFile()).start();
    String listed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(listed)
        .contains("bin/sh -> busybox")
        .contains("lib/virtio_blk.ko")
        .contains("-rwxr-xr-x")
        .doesNotContain("virtio_net");
  }

  @Test
  void onlyOneBuildsAtATime() throws Exception {
    Assumptions.assumeTrue(Machine.uid() == 0, "qemu: only root can build images");
    Path work = Files.createDirectories(folder.resolve("i/.debian-12.build"));
    try (FileChannel channel =
            FileChannel.open(
                work.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      assertThatThrownBy(() -> new ImageBuild(RECIPE, folder.resolve("i"), (s, o, w) -> {}).run())
          .isInstanceOfSatisfying(
              BuildException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    }
  }

  @Test
  void aProgramThatFailsIsQuoted() {
    assertThatThrownBy(
            () ->
                Tool.find("sh", "runs scripts")
                    .run(List.of("-c", "echo why >&2; exit 3"), Map.of(), line -> {}))
        .isInstanceOfSatisfying(
            BuildException.class, e -> assertThat(e.text()).isEqualTo("sh ended with 3: why"));
    assertThatThrownBy(() -> Tool.find("no-such-program", "does nothing"))
        .isInstanceOfSatisfying(
            BuildException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.DRIVER_UNAVAILABLE));
  }
}
