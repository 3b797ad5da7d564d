package io.atoll.runtime.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarReader;
import io.atoll.core.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LayerStackTest {
  @TempDir Path folder;

  private static LayerStack stack(byte[]... layers) {
    return stack(Bounds.USUAL, DevicePolicy.LEAVE_OUT, layers);
  }

  private static LayerStack stack(Bounds bounds, DevicePolicy devices, byte[]... layers) {
    List<Supplier<InputStream>> all = new ArrayList<>();
    for (byte[] layer : layers) {
      all.add(Tars.layer(layer));
    }
    return new LayerStack("test:1", all, bounds, devices);
  }

  /// Name → type, link, content, as the merged tar has them.
  private static Map<String, String> merged(LayerStack stack) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    stack.toTar(out);
    Map<String, String> all = new TreeMap<>();
    TarReader tar = new TarReader(new ByteArrayInputStream(out.toByteArray()));
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      byte[] content = new byte[(int) entry.size()];
      int at = 0;
      while (at < content.length) {
        at += tar.read(content, at, content.length - at);
      }
      all.put(entry.name(), entry.type() + " " + entry.link() + new String(content));
    }
    return all;
  }

  private void refused(String part, byte[]... layers) throws IOException {
    Path target = folder.resolve("root" + System.nanoTime());
    for (LayerStack stack : List.of(stack(layers))) {
      assertThatThrownBy(() -> stack.toFolder(target))
          .isInstanceOfSatisfying(
              AtollException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
                assertThat(e.text()).contains(part).contains("test:1");
              });
      assertThat(target).isEmptyDirectory();
      assertThatThrownBy(() -> stack.toTar(new ByteArrayOutputStream())).hasMessageContaining(part);
    }
  }

  @Test
  void upperLayersReplaceAddAndRemove() throws Exception {
    byte[] lower =
        new Tars()
            .folder("a/")
            .file("a/one", "1")
            .file("a/two", "2")
            .folder("b")
            .file("b/x", "x")
            .file("c", "c")
            .bytes();
    byte[] upper =
        new Tars()
            .file("a/one", "11")
            .file("a/.wh.two", "")
            .file("b/new", "n")
            .file("b/.wh..wh..opq", "")
            .file("c/under", "now a folder")
            .file(".wh.absent", "")
            .file(".wh..wh.plnk", "")
            .bytes();
    assertThatThrownBy(() -> merged(stack(lower, upper))).hasMessageContaining("is no folder");
    byte[] replaced =
        new Tars()
            .file("a/one", "11")
            .file("a/.wh.two", "")
            .file("b/new", "n")
            .file("b/.wh..wh..opq", "")
            .folder("c")
            .file("c/under", "u")
            .file(".wh.absent", "")
            .file(".wh..wh.plnk", "")
            .bytes();
    assertThat(merged(stack(lower, replaced)))
        .isEqualTo(
            Map.of(
                "a/", "FOLDER ",
                "a/one", "FILE 11",
                "b/", "FOLDER ",
                "b/new", "FILE n",
                "c/", "FOLDER ",
                "c/under", "FILE u"));
  }

  @Test
  void aWhiteoutRemovesWhatWasBelowWhateverTheOrder() throws Exception {
    byte[] lower = new Tars().folder("d").file("d/old", "o").bytes();
    byte[] after = new Tars().folder("d").file("d/new", "n").file(".wh.d", "").bytes();
    byte[] before = new Tars().file(".wh.d", "").folder("d").file("d/new", "n").bytes();
    Map<String, String> wanted = Map.of("d/", "FOLDER ", "d/new", "FILE n");
    assertThat(merged(stack(lower, after))).isEqualTo(wanted);
    assertThat(merged(stack(lower, before))).isEqualTo(wanted);
    // A layer does not remove its own.
    assertThat(merged(stack(after))).isEqualTo(wanted);
  }

  @Test
  void hardLinksOutliveTheirFirstName() throws Exception {
    byte[] lower = new Tars().file("a", "bytes").hardLink("z", "a").hardLink("y", "./a").bytes();
    byte[] upper = new Tars().file(".wh.a", "").hardLink("n", "z").bytes();
    assertThat(merged(stack(lower, upper)))
        .isEqualTo(Map.of("n", "FILE bytes", "y", "HARD_LINK n", "z", "HARD_LINK n"));
    Path root = folder.resolve("root");
    stack(lower, upper).toFolder(root);
    assertThat(Files.isSameFile(root.resolve("n"), root.resolve("z"))).isTrue();
  }

  @Test
  void nothingIsWrittenOutside() throws Exception {
    refused("'..'", new Tars().file("../evil", "x").bytes());
    refused("'..'", new Tars().file("a/../../evil", "x").bytes());
    refused("absolute", new Tars().file("/etc/evil", "x").bytes());
    refused(
        "through the symbolic link", new Tars().symlink("l", "/tmp").file("l/evil", "x").bytes());
    refused(
        "through the symbolic link",
        new Tars().symlink("l", folder.toString()).bytes(),
        new Tars().file("l/evil", "x").bytes());
    refused(
        "through the symbolic link",
        new Tars().symlink("l", "../../..").bytes(),
        new Tars().file("l/evil", "x").bytes());
    refused(
        "through the symbolic link",
        new Tars().symlink("l", "m").symlink("m", "l").bytes(),
        new Tars().file("l/evil", "x").bytes());
    refused("leads out", new Tars().hardLink("h", "../../etc/passwd").bytes());
    refused("leads out", new Tars().hardLink("h", "/etc/passwd").bytes());
    refused("no file", new Tars().hardLink("h", "etc/passwd").bytes());
    refused(
        "through the symbolic link",
        new Tars().symlink("l", "/etc").hardLink("h", "l/passwd").bytes());
    refused("names nothing", new Tars().file("a/.wh...", "").bytes());
    refused("names nothing", new Tars().file("a/.wh.", "").bytes());
  }

  @Test
  void aSymlinkAsALastPartIsReplacedNeverFollowed() throws Exception {
    Path outside = Files.writeString(folder.resolve("outside"), "kept");
    byte[] tar = new Tars().symlink("l", outside.toString()).file("l", "new").bytes();
    Path root = folder.resolve("root");
    stack(tar).toFolder(root);
    assertThat(outside).hasContent("kept");
    assertThat(root.resolve("l")).hasContent("new").isRegularFile();
    byte[] link = new Tars().symlink("etc", outside.toString()).bytes();
    Path second = folder.resolve("second");
    stack(link).toFolder(second);
    assertThat(Files.isSymbolicLink(second.resolve("etc"))).isTrue();
  }

  @Test
  void aRelativeFolderLinkOfALowerLayerIsFollowedInside() throws Exception {
    byte[] lower = new Tars().folder("usr").folder("usr/lib").symlink("lib", "usr/lib").bytes();
    byte[] upper = new Tars().file("lib/x", "x").bytes();
    assertThat(merged(stack(lower, upper)))
        .containsEntry("usr/lib/x", "FILE x")
        .containsEntry("lib", "SYMLINK usr/lib");
  }

  @Test
  void devicesFollowThePolicy() throws Exception {
    byte[] tar =
        new Tars().entry("null", TarEntry.Type.CHARACTER_DEVICE, "").file("f", "f").bytes();
    assertThat(merged(stack(tar))).doesNotContainKey("null").containsKey("f");
    assertThat(merged(stack(Bounds.USUAL, DevicePolicy.KEEP, tar)))
        .containsEntry("null", "CHARACTER_DEVICE ");
    assertThatThrownBy(() -> merged(stack(Bounds.USUAL, DevicePolicy.REFUSE, tar)))
        .hasMessageContaining("device file");
  }

  @Test
  void keepsOwnersModesTimesAndCapabilitiesAndNoOtherAttributes() throws Exception {
    byte[] value = {1, 0, 0, 2};
    byte[] tar =
        new Tars()
            .file(
                "bin/ping",
                "x".getBytes(),
                04755,
                Map.of(
                    "security.capability", value,
                    "trusted.overlay.opaque", value,
                    "security.selinux", value))
            .bytes();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    stack(tar).toTar(out);
    TarReader reader = new TarReader(new ByteArrayInputStream(out.toByteArray()));
    assertThat(reader.next().name()).isEqualTo("bin/");
    TarEntry ping = reader.next();
    assertThat(ping.mode()).isEqualTo(04755);
    assertThat(ping.uid()).isEqualTo(1000);
    assertThat(ping.gid()).isEqualTo(1001);
    assertThat(ping.mtime()).isEqualTo(7);
    assertThat(ping.attributes()).containsOnlyKeys("security.capability");
    Path root = folder.resolve("root");
    stack(tar).toFolder(root);
    assertThat((int) Files.getAttribute(root.resolve("bin/ping"), "unix:mode") & 07777)
        .isEqualTo(0755);
  }

  @Test
  void longAndForeignNamesComeThrough() throws Exception {
    String deep = "d".repeat(90) + "/" + "e".repeat(200) + "/f\u00e4";
    String raw = new String(deep.getBytes("UTF-8"), "ISO-8859-1");
    byte[] tar = new Tars().file(raw, "x").symlink("s", raw).bytes();
    Path root = folder.resolve("root");
    stack(tar).toFolder(root);
    assertThat(root.resolve(deep)).hasContent("x");
    assertThat(Files.readSymbolicLink(root.resolve("s")).toString()).isEqualTo(deep);
  }

  @Test
  void bombsAreBounded() throws Exception {
    Bounds tight = new Bounds(1 << 20, 100, 1 << 20, 50, 256 << 10);
    byte[] zeros = new byte[900_000];
    byte[] tar = new Tars().file("zeros", zeros, 0644, Map.of()).bytes();
    for (byte[] packed : List.of(Tars.gzip(tar), Zstd.compress(tar))) {
      assertThatThrownBy(() -> merged(stack(tight, DevicePolicy.KEEP, packed)))
          .isInstanceOfSatisfying(
              AtollException.class, e -> assertThat(e.text()).contains("decompression bomb"));
    }
    assertThatThrownBy(() -> merged(stack(tight, DevicePolicy.KEEP, tar, tar)))
        .hasMessageContaining("bytes allowed");
    Tars many = new Tars();
    for (int i = 0; i < 101; i++) {
      many.folder("d" + i);
    }
    assertThatThrownBy(() -> merged(stack(tight, DevicePolicy.KEEP, many.bytes())))
        .hasMessageContaining("entries");
    Tars deep = new Tars().folder("x/".repeat(101));
    assertThatThrownBy(() -> merged(stack(tight, DevicePolicy.KEEP, deep.bytes())))
        .hasMessageContaining("allowed");
    refused("too deep", new Tars().folder("x/".repeat(200)).bytes());
    // An extended header that claims a gigabyte.
    byte[] claim = new Tars().file("x".repeat(200), "").bytes();
    System.arraycopy("10000000000\0".getBytes(), 0, claim, 124, 12);
    checksum(claim);
    refused("extended header", claim);
  }

  private static void checksum(byte[] tar) {
    Arrays.fill(tar, 148, 156, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += tar[i] & 0xff;
    }
    System.arraycopy(String.format("%06o\0 ", sum).getBytes(), 0, tar, 148, 8);
  }

  @Test
  void truncatedLayersAreNamed() throws Exception {
    byte[] tar = new Tars().file("a", "x".repeat(5000)).bytes();
    refused("cut off", Arrays.copyOf(Tars.gzip(tar), 40));
    refused("cut off", Arrays.copyOf(Zstd.compress(tar), 20));
    refused("middle of a file", Arrays.copyOf(tar, 2000));
    refused("middle of a header", Arrays.copyOf(tar, 300));
    refused("no tar", "x".repeat(1024).getBytes());
    assertThat(merged(stack(new Tars().file("a", "1").open()))).containsKey("a");
  }

  @Test
  void readsWhatTarProgramsWrite() throws Exception {
    Path source = Files.createDirectory(folder.resolve("source"));
    String deep = "n".repeat(90) + "/" + "m".repeat(90);
    Files.writeString(Files.createDirectories(source.resolve(deep)).resolve("f"), "1");
    Files.createSymbolicLink(source.resolve("l"), Path.of("t".repeat(150)));
    for (String format : List.of("gnu", "pax", "ustar", "oldgnu")) {
      Path tar = folder.resolve(format + ".tar");
      List<String> command =
          new ArrayList<>(
              List.of("tar", "--format=" + format, "-C", source.toString(), "-cf", tar.toString()));
      command.addAll(format.equals("ustar") ? List.of("n".repeat(90)) : List.of("."));
      assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
      assertThat(merged(stack(Files.readAllBytes(tar))))
          .as(format)
          .containsEntry(deep + "/f", "FILE 1");
    }
  }

  /// No damage makes it hang, take memory without end, fail in another way than by refusing, or
  /// leave anything outside of its folder.
  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS) // each round has a limit of its own
  void damagedTars() throws Exception {
    List<byte[]> samples =
        List.of(
            new Tars()
                .folder("a")
                .file("a/b", "content")
                .symlink("l", "a")
                .hardLink("h", "a/b")
                .file("x".repeat(150), "y")
                .bytes(),
            new Tars().file("a/.wh..wh..opq", "").file(".wh.l", "").file("l/x", "1").bytes(),
            Tars.gzip(new Tars().file("g", "z").bytes()),
            Zstd.compress(new Tars().file("g", "z").bytes()));
    Bounds tight = new Bounds(1 << 20, 1000, 1 << 16, 50, 1 << 18);
    Fuzz.rounds(
        "tar",
        10_000,
        random -> {
          byte[] first = Fuzz.bytes(random, samples);
          byte[] second = Fuzz.bytes(random, samples);
          for (byte[] tar : List.of(first, second)) {
            // Most damage is found by the checksum; look behind it as well.
            for (int at = 0; random.nextBoolean() && at + 512 <= tar.length; at += 512) {
              byte[] block = Arrays.copyOfRange(tar, at, at + 512);
              checksum(block);
              if (block[0] != 0) {
                System.arraycopy(block, 0, tar, at, 512);
              }
            }
          }
          try {
            stack(tight, DevicePolicy.KEEP, first, second).toTar(new ByteArrayOutputStream());
          } catch (AtollException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
          }
        });
  }

  @Test
  void writesOnlyIntoAnEmptyFolder() throws Exception {
    Files.writeString(folder.resolve("there"), "x");
    assertThatThrownBy(() -> stack(new Tars().file("a", "a").bytes()).toFolder(folder))
        .hasMessageContaining("not empty");
    assertThat(Files.exists(folder.resolve("a"), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }
}
