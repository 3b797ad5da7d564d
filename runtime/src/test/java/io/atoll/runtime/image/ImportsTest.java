package io.atoll.runtime.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.testing.Fuzz;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.content.Reference.Kind;
import io.atoll.runtime.image.layer.Tars;
import io.atoll.runtime.image.manifest.MediaTypes;
import io.atoll.runtime.image.manifest.Platform;
import io.atoll.runtime.image.registry.Credentials;
import io.atoll.runtime.image.registry.Pusher;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ImportsTest {
  @TempDir Path folder;
  private Images images;

  @BeforeEach
  void open() {
    images =
        new Images(
            ImageSettings.usual(folder.resolve("store"), Credentials.NONE)
                .on(Platform.parse("linux/amd64")));
  }

  private Reference take(String name, byte[] bytes) throws Exception {
    Path file = folder.resolve(name);
    Files.write(file, bytes);
    return take(file);
  }

  private Reference take(Path file) throws Exception {
    return new Imports(images)
        .take(file, file.getFileName().toString(), null, ImageProgress.SILENT);
  }

  private void refused(String part, byte[] bytes) {
    assertThatThrownBy(() -> take("refused", bytes))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isIn(ErrorCode.BAD_REQUEST, ErrorCode.START_FAILED);
              assertThat(e.text()).contains(part);
            });
    assertThat(images.find("refused")).isEmpty();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] elf(int machine) {
    ByteBuffer elf = ByteBuffer.allocate(200).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0});
    elf.putShort(16, (short) 2).putShort(18, (short) machine);
    return elf.array();
  }

  @Test
  void aProgramSaysWhatItRunsOn() throws Exception {
    Reference amd = take("prog", elf(62));
    assertThat(amd.kind()).isEqualTo(Kind.PROGRAM);
    assertThat(amd.os() + "/" + amd.architecture()).isEqualTo("linux/amd64");
    assertThat(amd.digest()).isEqualTo(Digest.sha256(elf(62)));
    assertThat(amd.sha3()).isEqualTo(Digest.sha3(elf(62)));
    assertThat(images.file(amd)).hasBinaryContent(elf(62));
    assertThat(take("arm", elf(183)).architecture()).isEqualTo("arm64");
    byte[] pe = new byte[300];
    pe[0] = 'M';
    pe[1] = 'Z';
    pe[0x3c] = (byte) 128;
    System.arraycopy(new byte[] {'P', 'E', 0, 0, 0x64, (byte) 0x86}, 0, pe, 128, 6);
    assertThat(take("prog.exe", pe).os()).isEqualTo("windows");
    byte[] mach = new byte[64];
    System.arraycopy(
        new byte[] {(byte) 0xcf, (byte) 0xfa, (byte) 0xed, (byte) 0xfe, 0x0c, 0, 0, 1},
        0,
        mach,
        0,
        8);
    Reference mac = take("prog.mac", mach);
    assertThat(mac.os() + "/" + mac.architecture()).isEqualTo("darwin/arm64");
    assertThat(take("script", bytes("#!/bin/sh\necho")).os()).isNull();
    byte[] busybox = Files.readAllBytes(Path.of("/bin/sh"));
    ProgramFile here = ProgramFile.detect(busybox).orElseThrow();
    assertThat(here.platform()).isEqualTo(Platform.here());
    assertThat(here.interpreter()).isNotNull();
  }

  @Test
  void aPlainRootBecomesAnImageOfOneLayer() throws Exception {
    byte[] tar = new Tars().folder("./bin").file("./bin/a", "1").bytes();
    Reference plain = take("root.tar", tar);
    assertThat(plain.kind()).isEqualTo(Kind.CONTAINER);
    Reference packed = take("root.tar.gz", Tars.gzip(tar));
    assertThat(images.config(packed).diffIds()).containsExactly(Digest.sha256(tar));
    images.unpack(packed, folder.resolve("out"));
    assertThat(folder.resolve("out/bin/a")).hasContent("1");
    byte[] script = bytes("#!/bin/sh\n");
    Reference archive =
        take(
            "app.tar", new Tars().file("prog", script, 0755, Map.of()).file("data/y", "y").bytes());
    assertThat(archive.kind()).isEqualTo(Kind.ARCHIVE);
    refused("holds no program", new Tars().file("prog", script, 0644, Map.of()).bytes());
  }

  private static String descriptor(String type, byte[] blob) {
    return Pusher.descriptor(type, blob, "");
  }

  @Test
  void readsAnOciLayoutAsFolderAndAsTar() throws Exception {
    byte[] layer = Tars.gzip(new Tars().file("etc/x", "1").bytes());
    byte[] config = bytes(Pusher.config("amd64", "\"Cmd\":[\"x\"]"));
    byte[] manifest =
        bytes(
            "{\"schemaVersion\":2,\"config\":"
                + descriptor(MediaTypes.OCI_CONFIG, config)
                + ",\"layers\":["
                + descriptor(MediaTypes.OCI_LAYER_GZIP, layer)
                + "]}");
    byte[] index =
        bytes(
            "{\"schemaVersion\":2,\"manifests\":["
                + descriptor(MediaTypes.OCI_MANIFEST, manifest)
                + "]}");
    Path layout = Files.createDirectories(folder.resolve("layout"));
    Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
    Tars tar = new Tars().file("./oci-layout", "{}").folder("./blobs");
    for (byte[] blob : List.of(layer, config, manifest)) {
      String hex = Digest.sha256(blob).hex();
      Files.write(blobs.resolve(hex), blob);
      tar.file("./blobs/sha256/" + hex, blob, 0644, Map.of());
    }
    Files.write(layout.resolve("index.json"), index);
    tar.file("./index.json", index, 0644, Map.of());
    assertThat(take("layout.tar", tar.bytes()).digest()).isEqualTo(Digest.sha256(manifest));
    images = new Images(images.settings().within(images.settings().bounds()));
    Reference image = take(layout);
    assertThat(image.digest()).isEqualTo(Digest.sha256(manifest));
    assertThat(images.config(image).cmd()).containsExactly("x");

    refused(
        "others",
        new Tars()
            .file("oci-layout", "{}")
            .file("blobs/sha256/" + "0".repeat(64), "lie")
            .file("index.json", index, 0644, Map.of())
            .bytes());
  }

  @Test
  void readsWhatDockerSaves() throws Exception {
    byte[] one = new Tars().file("etc/x", "1").bytes();
    byte[] two = new Tars().file("etc/y", "2").bytes();
    String config =
        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[\"%s\",\"%s\",\"%s\"]}}"
            .formatted(Digest.sha256(one), Digest.sha256(two), Digest.sha256(one));
    String manifest =
        "[{\"Config\":\"c.json\",\"Layers\":[\"a/layer.tar\",\"b/layer.tar\",\"d/layer.tar\"]}]";
    Tars saved =
        new Tars()
            .file("a/layer.tar", one, 0644, Map.of())
            .file("b/layer.tar", two, 0644, Map.of())
            .symlink("d/layer.tar", "../a/layer.tar")
            .file("c.json", config)
            .file("manifest.json", manifest);
    Reference image = take("saved.tar", saved.bytes());
    images.unpack(image, folder.resolve("out"));
    assertThat(folder.resolve("out/etc/y")).hasContent("2");

    refused(
        "not the one",
        new Tars()
            .file("a/layer.tar", two, 0644, Map.of())
            .file("b/layer.tar", two, 0644, Map.of())
            .symlink("d/layer.tar", "../a/layer.tar")
            .file("c.json", config)
            .file("manifest.json", manifest)
            .bytes());
    refused("lacks", new Tars().file("c.json", config).file("manifest.json", manifest).bytes());
  }

  @Test
  void disksStandAlone() throws Exception {
    ByteBuffer qcow = ByteBuffer.allocate(512);
    qcow.put(new byte[] {'Q', 'F', 'I', (byte) 0xfb});
    qcow.putInt(4, 3).putInt(20, 16).putLong(24, 1 << 20);
    assertThat(take("disk", qcow.array()).kind()).isEqualTo(Kind.DISK);
    byte[] backed = qcow.array().clone();
    backed[15] = 8;
    refused("another file", backed);
    byte[] external = qcow.array().clone();
    external[79] = 4;
    refused("another file", external);
    refused("cannot import", bytes("just a text"));
    refused("no tar", Arrays.copyOf(new byte[] {1}, 5120));
  }

  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS) // each round has a limit of its own
  void damagedHeads() {
    ByteBuffer qcow = ByteBuffer.allocate(120);
    qcow.put(new byte[] {'Q', 'F', 'I', (byte) 0xfb});
    qcow.putInt(4, 3).putInt(20, 16).putLong(24, 1 << 20);
    byte[] pe = new byte[300];
    pe[0] = 'M';
    pe[1] = 'Z';
    pe[0x3c] = (byte) 128;
    System.arraycopy(new byte[] {'P', 'E', 0, 0, 0x64, (byte) 0x86}, 0, pe, 128, 6);
    byte[] mach = new byte[64];
    System.arraycopy(
        new byte[] {(byte) 0xcf, (byte) 0xfa, (byte) 0xed, (byte) 0xfe}, 0, mach, 0, 4);
    // With program headers, one of which names a loader.
    ByteBuffer dynamic = ByteBuffer.wrap(elf(62)).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    dynamic.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
    dynamic.putInt(64, 3).putLong(72, 180).putLong(96, 8);
    byte[] narrow = elf(3);
    narrow[4] = 1;
    byte[] backed = qcow.array().clone();
    backed[15] = 104;
    backed[19] = 8;
    List<byte[]> samples =
        List.of(
            qcow.array(),
            backed,
            elf(62),
            dynamic.array(),
            narrow,
            pe,
            mach,
            bytes("#!/bin/sh -e\n"),
            bytes("MZ"));
    Fuzz.rounds(
        "heads of files",
        40_000,
        random -> {
          byte[] head = Fuzz.bytes(random, samples);
          ProgramFile.detect(head);
          try {
            QcowHeader.parse("x", head);
          } catch (AtollException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
          }
        });
  }
}
