package io.atoll.runtime.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.docker.LoopbackRegistry;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.layer.Tars;
import io.atoll.runtime.image.manifest.MediaTypes;
import io.atoll.runtime.image.manifest.Platform;
import io.atoll.runtime.image.registry.Credentials;
import io.atoll.runtime.image.registry.ImageName;
import io.atoll.runtime.image.registry.Pusher;
import io.atoll.runtime.image.registry.Registry;
import io.atoll.runtime.image.registry.RegistrySettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Against the real registry and the real mksquashfs.
@Tag("real")
@Timeout(120)
class ImagesTest {
  @RegisterExtension static final LoopbackRegistry REGISTRY = new LoopbackRegistry();
  @RegisterExtension static final LoopbackRegistry CLOSED = new LoopbackRegistry("ann", "secret");

  private static final Platform AMD64 = Platform.parse("linux/amd64");

  @TempDir Path folder;
  private Images images;

  @BeforeEach
  void open() {
    images = images(Credentials.NONE);
  }

  private Images images(Credentials credentials) {
    return new Images(ImageSettings.usual(folder.resolve("store"), credentials).on(AMD64));
  }

  private static ImageName name(String rest) {
    return ImageName.parse(REGISTRY.name(rest));
  }

  private static byte[] layer(String file, String content) throws Exception {
    return Tars.gzip(new Tars().folder("bin").file(file, content).bytes());
  }

  @Test
  void aPulledImageBecomesTheSameSquashfsEverywhere() throws Exception {
    byte[] base =
        Tars.gzip(
            new Tars()
                .folder("bin")
                .file("bin/prog", "#!/bin/sh\n".getBytes(), 0755, Map.of())
                .file("bin/gone", "x")
                .hardLink("bin/same", "bin/prog")
                .symlink("sbin", "bin")
                .bytes());
    byte[] top = Tars.gzip(new Tars().file("bin/.wh.gone", "").file("etc/conf", "v=1").bytes());
    Digest pushed;
    try (Pusher pusher = new Pusher(REGISTRY.name("").replace("/", ""))) {
      pushed =
          pusher.image("app", "1", Pusher.config("amd64", "\"Cmd\":[\"/bin/prog\"]"), base, top);
    }
    AtomicLong seen = new AtomicLong();
    Reference image =
        images.pull(
            name("app:1"),
            (phase, done, total) -> {
              assertThat(done).isLessThanOrEqualTo(total);
              seen.set(done);
            });
    assertThat(image.digest()).isEqualTo(pushed);
    assertThat(image.source()).isEqualTo(REGISTRY.name("app@" + pushed));
    assertThat(seen).hasPositiveValue();
    assertThat(images.config(image).command(List.of(), "app")).containsExactly("/bin/prog");

    Path root = images.root(image, ImageProgress.SILENT);
    Path out = folder.resolve("out");
    Process list =
        new ProcessBuilder("unsquashfs", "-d", out.toString(), root.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(list.waitFor()).as(said).isZero();
    assertThat(out.resolve("bin/prog")).isExecutable();
    assertThat(Files.isSameFile(out.resolve("bin/prog"), out.resolve("bin/same"))).isTrue();
    assertThat(out.resolve("bin/gone")).doesNotExist();
    assertThat(out.resolve("etc/conf")).hasContent("v=1");
    assertThat(Files.readSymbolicLink(out.resolve("sbin"))).hasToString("bin");
    assertThat(Files.getAttribute(out.resolve("bin/prog"), "unix:uid")).isEqualTo(1000);

    Thread.sleep(1100); // another second on the clock
    Images other =
        new Images(ImageSettings.usual(folder.resolve("other"), Credentials.NONE).on(AMD64));
    Path again = other.root(other.pull(name("app:1"), ImageProgress.SILENT), ImageProgress.SILENT);
    assertThat(Files.mismatch(root, again)).isEqualTo(-1);

    long made = Files.getLastModifiedTime(root).toMillis();
    images.root(image, ImageProgress.SILENT);
    assertThat(Files.getLastModifiedTime(root).toMillis()).isEqualTo(made);

    Path unpacked = folder.resolve("unpacked");
    images.unpack(image, unpacked);
    assertThat(unpacked.resolve("etc/conf")).hasContent("v=1");
  }

  @Test
  void aTagIsWhatItMeansNowAndADigestWhatItAlwaysMeant() throws Exception {
    try (Pusher pusher = new Pusher(REGISTRY.name("").replace("/", ""))) {
      Digest one = pusher.image("tag", "t", Pusher.config("amd64", ""), layer("bin/a", "1"));
      assertThat(images.pull(name("tag:t"), ImageProgress.SILENT).digest()).isEqualTo(one);
      Digest two = pusher.image("tag", "t", Pusher.config("amd64", ""), layer("bin/a", "2"));
      assertThat(images.get(REGISTRY.name("tag:t")).digest()).isEqualTo(one);
      assertThat(images.pull(name("tag:t"), ImageProgress.SILENT).digest()).isEqualTo(two);
      Reference old = images.pull(name("tag@" + one), ImageProgress.SILENT);
      assertThat(old.digest()).isEqualTo(one);
      assertThat(images.get(one.toString())).isEqualTo(old);
      assertThat(images.get(one.hex().substring(0, 10))).isEqualTo(old);
      assertThat(images.get(old.sha3().toString())).isEqualTo(old);
      assertThatThrownBy(() -> images.get("nothing")).isInstanceOf(AtollException.class);
    }
  }

  @Test
  void choosesItsPlatformAndRefusesOthers() throws Exception {
    Digest index;
    try (Pusher pusher = new Pusher(REGISTRY.name("").replace("/", ""))) {
      StringBuilder entries = new StringBuilder();
      for (String architecture : List.of("arm64", "amd64")) {
        String manifest =
            pusher.manifest(
                "multi", Pusher.config(architecture, ""), layer("bin/arch", architecture));
        byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
        pusher.manifest(
            "multi", Digest.sha256(bytes).toString(), MediaTypes.OCI_MANIFEST, manifest);
        entries
            .append(entries.isEmpty() ? "" : ",")
            .append(
                Pusher.descriptor(
                    MediaTypes.OCI_MANIFEST,
                    bytes,
                    ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}"));
      }
      index =
          pusher.manifest(
              "multi",
              "1",
              MediaTypes.OCI_INDEX,
              "{\"schemaVersion\":2,\"mediaType\":\""
                  + MediaTypes.OCI_INDEX
                  + "\",\"manifests\":["
                  + entries
                  + "]}");
      pusher.image("arm", "1", Pusher.config("arm64", ""), layer("bin/a", "1"));
    }
    Reference image = images.pull(name("multi:1"), ImageProgress.SILENT);
    assertThat(image.architecture()).isEqualTo("amd64");
    assertThat(image.index()).isEqualTo(index);
    assertThatThrownBy(() -> images.pull(name("arm:1"), ImageProgress.SILENT))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
              assertThat(e.text()).contains("is for linux/arm64").contains("runs linux/amd64");
            });
    assertThat(images.find(REGISTRY.name("arm:1"))).isEmpty();
  }

  @Test
  void logsInWhereARegistryWantsIt() throws Exception {
    ImageName secret = ImageName.parse(CLOSED.name("s/app:1"));
    try (Pusher pusher = new Pusher(CLOSED.name("").replace("/", ""), "ann:secret")) {
      pusher.image("s/app", "1", Pusher.config("amd64", ""), layer("bin/a", "1"));
    }
    Credentials wrong = _ -> Optional.of(new Credentials.Login("ann", "other"));
    for (Credentials bad : List.of(Credentials.NONE, wrong)) {
      assertThatThrownBy(() -> images(bad).pull(secret, ImageProgress.SILENT))
          .isInstanceOfSatisfying(
              AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED));
    }
    Path config = Files.createDirectory(folder.resolve("docker")).resolve("config.json");
    Files.writeString(
        config, "{\"auths\":{\"" + secret.host() + "\":{\"auth\":\"YW5uOnNlY3JldA==\"}}}");
    Credentials known =
        io.atoll.runtime.image.registry.DockerCredentials.ofUser(
            Map.of("DOCKER_CONFIG", config.getParent().toString()));
    assertThat(images(known).pull(secret, ImageProgress.SILENT).architecture()).isEqualTo("amd64");
    try (Registry registry = new Registry(RegistrySettings.usual(known))) {
      registry.ping(secret);
    }
  }

  @Test
  void aByteFlippedAtTheRegistryIsRefusedAndAnInterruptedPullGoesOn() throws Exception {
    byte[] noise = new byte[6_000_000];
    new Random(5).nextBytes(noise);
    byte[] tar = new Tars().file("noise", noise, 0644, Map.of()).bytes();
    try (Pusher pusher = new Pusher(REGISTRY.name("").replace("/", ""))) {
      pusher.image("noise", "1", Pusher.config("amd64", ""), tar);
    }
    Digest layer = Digest.sha256(tar);
    // An interrupt in the middle keeps what came.
    Thread me = Thread.currentThread();
    assertThatThrownBy(
            () ->
                images.pull(
                    name("noise:1"),
                    (phase, done, total) -> {
                      if (done > 2_000_000) {
                        me.interrupt();
                      }
                    }))
        .isInstanceOf(InterruptedException.class);
    Path draft = folder.resolve("store/drafts/" + layer.hex());
    assertThat(Files.size(draft)).isBetween(1_000_000L, 5_999_999L);
    long kept = Files.size(draft);
    AtomicLong first = new AtomicLong(-1);
    images.pull(
        name("noise:1"),
        (phase, done, total) -> {
          if (done > 1_000_000) {
            first.compareAndSet(-1, done);
          }
        });
    assertThat(first.get()).isGreaterThan(kept);

    REGISTRY.flipByteOfLargestBlob();
    Images fresh =
        new Images(ImageSettings.usual(folder.resolve("fresh"), Credentials.NONE).on(AMD64));
    assertThatThrownBy(() -> fresh.pull(name("noise:1"), ImageProgress.SILENT))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.START_FAILED));
    assertThat(fresh.list()).isEmpty();
  }

  @Test
  void ahostileImageLeavesNoRoot() throws Exception {
    try (Pusher pusher = new Pusher(REGISTRY.name("").replace("/", ""))) {
      pusher.image(
          "evil",
          "1",
          Pusher.config("amd64", ""),
          new Tars().symlink("l", "/etc").file("l/cron.d/x", "evil").bytes());
    }
    Reference image = images.pull(name("evil:1"), ImageProgress.SILENT);
    assertThatThrownBy(() -> images.root(image, ImageProgress.SILENT))
        .hasMessageContaining("through the symbolic link");
    assertThat(folder.resolve("store/rootfs")).isEmptyDirectory();
  }
}
