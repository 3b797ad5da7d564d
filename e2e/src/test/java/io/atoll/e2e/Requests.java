package io.atoll.e2e;

import io.atoll.client.api.TaskRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Requests that tests make often.
final class Requests {
  private Requests() {}

  static TaskRequest process(boolean bare, String... command) {
    return task("process", null, null, bare, command);
  }

  static TaskRequest container(String image, String... command) {
    return task("docker", image, null, false, command);
  }

  static TaskRequest task(
      String driver,
      @Nullable String image,
      @Nullable String node,
      boolean bare,
      String... command) {
    return new TaskRequest(
        null,
        driver,
        image,
        List.of(command),
        null,
        "0.1",
        "64Mi",
        null,
        null,
        node,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        bare);
  }

  /// A container with published ports.
  static TaskRequest published(
      String image, List<String> ports, boolean publishAll, String... command) {
    return new TaskRequest(
        null,
        "docker",
        image,
        List.of(command),
        null,
        "0.1",
        "64Mi",
        null,
        null,
        null,
        ports,
        publishAll,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }
}
