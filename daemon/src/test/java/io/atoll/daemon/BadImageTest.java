package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.image.ImageProgress;
import io.atoll.runtime.image.ImageSettings;
import io.atoll.runtime.image.Images;
import io.atoll.runtime.image.Imports;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.layer.Bounds;
import io.atoll.runtime.image.layer.DevicePolicy;
import io.atoll.runtime.image.layer.Tars;
import io.atoll.runtime.image.manifest.MediaTypes;
import io.atoll.runtime.image.manifest.Platform;
import io.atoll.runtime.image.registry.Credentials;
import io.atoll.runtime.image.registry.FakeRegistry;
import io.atoll.runtime.image.registry.Pusher;
import io.atoll.runtime.image.registry.RegistrySettings;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.process.SupervisorBinary;
import io.atoll.runtime.signature.SignatureFolder;
import io.atoll.runtime.signature.TrustFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Runs of images that are broken, foreign or made to do harm: each fails with a clear word, leaves
/// nothing in the store, and what runs meanwhile goes on.
@Tag("real")
@Timeout(120)
class BadImageTest {
  private static final String CPU = Platform.here().architecture();

  @TempDir Path folder;
  private FakeRegistry registry;
  private Path store;
  private ProcessDriver processes;
  private Activity other;
  private int tags;

  @BeforeEach
  void begin() throws Exception {
    registry = new FakeRegistry();
    store = folder.resolve("images");
    processes =
        new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), folder.resolve("runs")));
    RunId id = run();
    other =
        processes
            .prepare(
                new ActivitySpec(
                    id,
                    new Workload(
                        "process",
                        null,
                        List.of("/bin/sleep", "3600"),
                        Map.of(),
                        new Resources(100, 32L << 20, 0),
                        8,
                        List.of(),
                        false,
                        Workload.Isolation.SANDBOX),
                    folder.resolve("runs").resolve(id.toString())))
            .start();
  }

  @AfterEach
  void theOtherRunGoesOn() throws Exception {
    registry.close();
    assertThat(other.state()).isEqualTo(Activity.State.RUNNING);
    other.destroy();
  }

  private static RunId run() {
    return new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
  }

  private Images images() {
    return images(Bounds.USUAL);
  }

  private Images images(Bounds bounds) {
    return new Images(
        new ImageSettings(
            store,
            RegistrySettings.usual(Credentials.NONE)
                .within(Duration.ofSeconds(5), Duration.ofSeconds(1)),
            bounds,
            DevicePolicy.LEAVE_OUT,
            Platform.here()));
  }

  /// At the registry, under a tag of its own.
  private String pushed(String config, byte[]... layers) {
    byte[] bytes = config.getBytes(StandardCharsets.UTF_8);
    registry.blob("app", bytes);
    StringBuilder all = new StringBuilder();
    for (byte[] layer : layers) {
      registry.blob("app", layer);
      all.append(all.isEmpty() ? "" : ",");
      all.append(Pusher.descriptor(MediaTypes.OCI_LAYER, layer, ""));
    }
    String tag = "v" + ++tags;
    registry.manifest(
        "app",
        tag,
        MediaTypes.OCI_MANIFEST,
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
            .formatted(Pusher.descriptor(MediaTypes.OCI_CONFIG, bytes, ""), all));
    return registry.host() + "/app:" + tag;
  }

  private String pushed(byte[]... layers) {
    return pushed(Pusher.config(CPU, ""), layers);
  }

  private DriverException refused(Images images, String name, ErrorCode code, String... parts)
      throws Exception {
    TrustFile trust = new TrustFile(folder.resolve("trust.json"));
    trust.begin();
    MachineImages machine =
        new MachineImages(
            images,
            new MachineTrust(trust, new SignatureFolder(folder.resolve("signatures")), images),
            (image, line) -> {});
    RunId run = run();
    DriverException[] told = new DriverException[1];
    assertThatThrownBy(() -> machine.resolve(run, name))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.code()).as(e.text()).isEqualTo(code);
              assertThat(e.text()).contains(parts);
              assertThat(e.hint()).isNotEmpty();
              told[0] = e;
            });
    machine.give(run);
    assertThat(files("rootfs")).isEmpty();
    assertThat(files("programs")).isEmpty();
    assertThat(files("leases")).isEmpty();
    return told[0];
  }

  private List<Path> files(String part) throws IOException {
    try (Stream<Path> files = Files.list(store.resolve(part))) {
      return files.filter(file -> !file.toString().endsWith(".lock")).toList();
    }
  }

  @Test
  void aTruncatedLayer() throws Exception {
    byte[] layer = new Tars().file("bin/sh", new byte[100_000], 0755, Map.of()).bytes();
    String name = pushed(layer);
    registry.on(
        "/v2/app/blobs/" + Digest.sha256(layer),
        exchange -> FakeRegistry.send(exchange, 200, Arrays.copyOf(layer, 5000)));
    refused(images(), name, ErrorCode.UNREACHABLE, "of " + layer.length + " bytes");
    assertThat(images().list()).isEmpty();

    // Whole by its digest, cut by whoever made it.
    byte[] cut = Arrays.copyOf(layer, 50_000);
    refused(images(), pushed(cut), ErrorCode.BAD_REQUEST, "layer 1 of 1");
  }

  @Test
  void aDigestThatLies() throws Exception {
    byte[] layer = new Tars().file("bin/sh", "x").bytes();
    String name = pushed(layer);
    byte[] lie = layer.clone();
    lie[600] ^= 1;
    registry.on(
        "/v2/app/blobs/" + Digest.sha256(layer), exchange -> FakeRegistry.send(exchange, 200, lie));
    refused(images(), name, ErrorCode.START_FAILED, Digest.sha256(lie).toString());
    assertThat(images().list()).isEmpty();
    assertThat(files("drafts")).isEmpty();
  }

  @Test
  void aBomb() throws Exception {
    byte[] bomb = Tars.gzip(new Tars().file("zeros", new byte[64 << 20], 0644, Map.of()).bytes());
    assertThat(bomb.length).isLessThan(1 << 20);
    Bounds bounds = new Bounds(1L << 30, 1000, 1 << 20, 20, 1 << 20);
    refused(images(bounds), pushed(bomb), ErrorCode.BAD_REQUEST, "layer 1 of 1");
    Bounds small = new Bounds(8 << 20, 1000, 1 << 20, 100_000, 1 << 20);
    refused(images(small), pushed(bomb), ErrorCode.BAD_REQUEST, "layer 1 of 1");
  }

  @Test
  void aTarThatWritesSomewhereElse() throws Exception {
    Path victim = Files.writeString(folder.resolve("victim"), "mine");
    refused(
        images(),
        pushed(new Tars().file("../../../victim", "theirs").bytes()),
        ErrorCode.BAD_REQUEST,
        "victim");
    refused(
        images(),
        pushed(new Tars().symlink("way", folder.toString()).file("way/victim", "theirs").bytes()),
        ErrorCode.BAD_REQUEST,
        "way");
    assertThat(victim).hasContent("mine");
  }

  @Test
  void anImageForAnotherCpu() throws Exception {
    String foreign = CPU.equals("arm64") ? "amd64" : "arm64";
    String name = pushed(Pusher.config(foreign, ""), new Tars().file("bin/sh", "x").bytes());
    refused(images(), name, ErrorCode.IMAGE_NOT_FOUND, "linux/" + foreign, "linux/" + CPU);
    assertThat(images().list()).isEmpty();
  }

  @Test
  void aRegistryThatStalls() throws Exception {
    byte[] layer = new Tars().file("bin/sh", new byte[100_000], 0755, Map.of()).bytes();
    String name = pushed(layer);
    registry.on(
        "/v2/app/blobs/" + Digest.sha256(layer),
        exchange -> {
          exchange.sendResponseHeaders(200, layer.length);
          exchange.getResponseBody().write(layer, 0, 5000);
          exchange.getResponseBody().flush();
          try {
            Thread.sleep(60_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    long began = System.nanoTime();
    refused(images(), name, ErrorCode.TIMEOUT, "app");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void aProgramThatIsNone() throws Exception {
    Path text = Files.write(folder.resolve("text"), new byte[4000]);
    assertThatThrownBy(() -> new Imports(images()).take(text, "text", null, ImageProgress.SILENT))
        .hasMessageContaining("holds no program");
    assertThat(files("programs")).isEmpty();
  }

  @Test
  void aFullDiskInTheMiddleOfAPull() throws Exception {
    store = Files.createDirectory(folder.resolve("small"));
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", store.toString()) == 0,
        "tmpfs: this user may not mount one");
    try {
      byte[] good = new Tars().file("bin/sh", "x").bytes();
      Images images = images();
      var kept =
          new Imports(images)
              .take(
                  Files.write(folder.resolve("kept"), "#!/bin/sh\n".getBytes()),
                  "kept",
                  null,
                  ImageProgress.SILENT);
      byte[] noise = new byte[1_200_000];
      new Random(7).nextBytes(noise);
      byte[] first = new Tars().file("a", noise, 0644, Map.of()).bytes();
      new Random(8).nextBytes(noise);
      byte[] second = new Tars().file("b", noise, 0644, Map.of()).bytes();
      refused(images, pushed(first, second), ErrorCode.DISK_FULL, "is full");
      assertThat(images.list()).containsExactly(kept);
      // What came is gone, so that there is room for others.
      assertThat(Files.getFileStore(store).getUsableSpace()).isGreaterThan(1_500_000);
      assertThat(files("drafts")).isEmpty();
      assertThat(images.program(kept).entry()).isNotEmpty();
      String small = pushed(good);
      assertThat(
              images
                  .pull(
                      io.atoll.runtime.image.registry.ImageName.parse(small), ImageProgress.SILENT)
                  .name())
          .isEqualTo(small);
    } finally {
      assertThat(run("umount", store.toString())).isZero();
    }
  }

  private static int run(String... words) throws Exception {
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
