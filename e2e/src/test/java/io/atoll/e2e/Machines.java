package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskView;
import io.atoll.core.json.Json;
import io.atoll.runtime.vm.TestImage;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// What virtual machines need before they can be had by the dozen: an image, and a template of it.
final class Machines {
  static final String IMAGE = TestImage.NAME;
  static final String MEMORY = "512Mi";
  private static final Duration PATIENT = Duration.ofMinutes(15);

  private Machines() {}

  /// Lets the only provider of a pool that was started with `--vm` have the image, and what
  /// templates other tests have made.
  static void offer(Pool pool) throws Exception {
    offer(pool.providers.getFirst());
  }

  static void offer(DaemonProcess provider) throws Exception {
    Path data = provider.dataDir();
    Path images = TestImage.images();
    Files.createSymbolicLink(data.resolve("vm-images"), images);
    Path own = data.resolve("vm-templates");
    Path shared = Files.createDirectories(images.resolveSibling("vm-templates"));
    Files.delete(own); // nobody has asked for one yet
    Files.createSymbolicLink(own, shared);
  }

  /// Runs a machine, which has a template made if there is none: those after it are clones.
  static void warm(Pool pool) throws Exception {
    warm(pool, pool.providers.getFirst());
  }

  /// @param provider the only one that has machines
  static void warm(Pool pool, DaemonProcess provider) throws Exception {
    TaskRequest first =
        Json.mapper()
            .convertValue(
                Map.of(
                    "driver",
                    "vm",
                    "image",
                    IMAGE,
                    "command",
                    List.of("/bin/true"),
                    "cpus",
                    "1",
                    "memory",
                    MEMORY),
                TaskRequest.class);
    Instant began = Instant.now();
    String id = pool.client.create(first, UUID.randomUUID().toString()).id().text();
    await()
        .atMost(PATIENT)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> pool.client.task(id).state().ended());
    TaskView view = pool.client.task(id);
    assertThat(view.exitCode()).as("%s %s", view.exitDetail(), view.detail()).isZero();
    await()
        .atMost(PATIENT)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> usesTemplate(provider.dataDir().resolve("vm-templates"), began));
  }

  private static boolean usesTemplate(Path templates, Instant since) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(templates, IMAGE + "*")) {
      for (Path template : all) {
        if (!Files.getLastModifiedTime(template).toInstant().isBefore(since)) {
          return true;
        }
      }
    }
    return false;
  }
}
