package io.atoll.runtime.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.tar.TarEntry;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.content.Reference.Kind;
import io.atoll.runtime.image.layer.Tars;
import io.atoll.runtime.image.manifest.MediaTypes;
import io.atoll.runtime.image.manifest.Platform;
import io.atoll.runtime.image.registry.Credentials;
import io.atoll.runtime.image.registry.FakeRegistry;
import io.atoll.runtime.image.registry.ImageName;
import io.atoll.runtime.image.registry.Pusher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Programs and archives as files that runs share.
@Timeout(60)
class ProgramTreesTest {
  private static final byte[] SCRIPT = "#!/bin/sh\necho hello\n".getBytes(StandardCharsets.UTF_8);

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
    Path file = Files.write(folder.resolve(name), bytes);
    return new Imports(images).take(file, name, null, ImageProgress.SILENT);
  }

  private static Tars program(Tars tar, String name) throws Exception {
    return tar.file(name, SCRIPT, 0755, Map.of());
  }

  private String entry(Tars tar) throws Exception {
    return images.program(take("app.tar", tar.bytes())).entry();
  }

  private void refused(ErrorCode code, String part, Tars tar) {
    assertThatThrownBy(() -> entry(tar))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.text()).contains(part);
              assertThat(e.hint()).isNotEmpty();
            });
  }

  @Test
  void whichFileOfAnArchiveIsRun() throws Exception {
    assertThat(entry(program(new Tars(), "data/deep/prog").file("readme", "x")))
        .isEqualTo("data/deep/prog");
    assertThat(entry(program(program(new Tars(), "app-1/tool/b"), "app-1/start")))
        .isEqualTo("app-1/start");
    assertThat(entry(program(program(program(new Tars(), "a"), "b"), "entrypoint")))
        .isEqualTo("entrypoint");
    assertThat(entry(program(program(new Tars(), "app/a"), "app/entrypoint")))
        .isEqualTo("app/entrypoint");
    refused(ErrorCode.BAD_REQUEST, "a, b", program(program(new Tars(), "a"), "b"));
    refused(ErrorCode.BAD_REQUEST, "no program", new Tars().file("a", "text"));
    // A link could lead to a program of the host.
    refused(ErrorCode.BAD_REQUEST, "no program", new Tars().symlink("a", "/bin/sh"));
  }

  @Test
  void nothingOfAnArchiveLeadsOutOrMeansMoreThanAFile() throws Exception {
    Path outside = Files.writeString(folder.resolve("outside"), "mine");
    refused(ErrorCode.BAD_REQUEST, "refused", program(new Tars(), "../../../outside"));
    refused(
        ErrorCode.BAD_REQUEST,
        "refused",
        program(new Tars().symlink("up", "../../../.."), "up/outside"));
    assertThat(outside).hasContent("mine");
    ProgramTree tree =
        images.program(
            take(
                "odd.tar",
                new Tars()
                    .file("prog", SCRIPT, 06777, Map.of())
                    .entry("null", TarEntry.Type.CHARACTER_DEVICE, "")
                    .entry("pipe", TarEntry.Type.FIFO, "")
                    .file("secret", "x".getBytes(StandardCharsets.UTF_8), 0600, Map.of())
                    .bytes()));
    Path program = tree.folder().resolve("prog");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(program)))
        .isEqualTo("r-xr-xr-x");
    assertThat((int) Files.getAttribute(program, "unix:mode") & 07000).isZero();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(tree.folder().resolve("secret"))))
        .isEqualTo("r--r--r--");
    assertThat(tree.folder().resolve("null")).doesNotExist();
    assertThat(tree.folder().resolve("pipe")).doesNotExist();
  }

  @Test
  void aProgramForAnotherMachineIsNotRunHere() throws Exception {
    byte[] elf = new byte[200];
    System.arraycopy(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}, 0, elf, 0, 8);
    elf[16] = 2;
    elf[18] = (byte) 183;
    Reference image = take("arm", elf);
    assertThatThrownBy(() -> images.program(image))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.START_FAILED);
              assertThat(e.text()).contains("arm", "linux/arm64", "linux/amd64");
            });
    Reference archive = take("arm.tar", new Tars().file("prog", elf, 0755, Map.of()).bytes());
    assertThat(archive.architecture()).isEqualTo("arm64");
    assertThatThrownBy(() -> images.program(archive)).hasMessageContaining("linux/arm64");
  }

  @Test
  void damagedBytesAreNeverRun() throws Exception {
    Reference image = take("prog", SCRIPT);
    Path blob = images.store().path(image.digest());
    byte[] bytes = Files.readAllBytes(blob);
    bytes[3] ^= 1;
    Files.write(blob, bytes);
    assertThatThrownBy(() -> images.program(image)).hasMessageContaining("no longer what they");
    assertThat(folder.resolve("store/programs")).isEmptyDirectory();
  }

  @Test
  void filesGoWithTheirImageButNeverUnderARun() throws Exception {
    Reference image = take("prog", SCRIPT);
    ProgramTree tree = images.program(image);
    images.leases().take("run-1", image.digest());
    images.forget(image);
    new Garbage(images).collect(0, Duration.ofSeconds(10));
    assertThat(tree.folder().resolve(tree.entry())).hasBinaryContent(SCRIPT);
    images.leases().give("run-1");
    Garbage.Outcome outcome = new Garbage(images).collect(0, Duration.ofSeconds(10));
    assertThat(tree.folder()).doesNotExist();
    assertThat(outcome.after()).isZero();
  }

  @Test
  void aRegistryMayHoldAProgram() throws Exception {
    try (FakeRegistry registry = new FakeRegistry()) {
      byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
      registry.blob("tool", empty);
      registry.blob("tool", SCRIPT);
      String manifest =
          "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
              .formatted(
                  Pusher.descriptor("application/vnd.oci.empty.v1+json", empty, ""),
                  Pusher.descriptor("application/octet-stream", SCRIPT, ""));
      registry.manifest("tool", "1", MediaTypes.OCI_MANIFEST, manifest);
      ImageName name = ImageName.parse(registry.host() + "/tool:1");
      Reference image = images.pull(name, ImageProgress.SILENT);
      assertThat(image.kind()).isEqualTo(Kind.PROGRAM);
      assertThat(image.digest()).isEqualTo(Digest.sha256(SCRIPT));
      assertThat(image.index()).isEqualTo(Digest.sha256(manifest.getBytes(StandardCharsets.UTF_8)));
      ProgramTree tree = images.program(image);
      assertThat(tree.folder().resolve(tree.entry())).hasBinaryContent(SCRIPT);
    }
  }
}
