package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskView;
import io.atoll.core.json.Json;
import io.atoll.runtime.vm.TestImage;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// What virtual machines need before they can be had by the dozen: an image, and a template of it.
final class Machines {
  static final String IMAGE = TestImage.NAME;
  static final String MEMORY = "512Mi";
  private static final Duration PATIENT = Duration.ofMinutes(15);

  private Machines() {}

  /// Lets the only provider of a pool that was started with `--vm` have the image.
  static void offer(Pool pool) throws Exception {
    Files.createSymbolicLink(
        pool.providers.getFirst().dataDir().resolve("vm-images"), TestImage.images());
  }

  /// Boots a machine, which has a template made of it: those after it are clones.
  static void warm(Pool pool) throws Exception {
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
        .until(() -> Files.readString(pool.providers.getFirst().log()).contains("made in"));
  }
}
