package io.atoll.runtime.docker;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the driver needs to know.
///
/// @param engine where the Docker Engine API is: `unix:///var/run/docker.sock`, `npipe:…`, `tcp:…`
/// @param instance names the daemon that owns the containers; part of their names, so that two
///     daemons on one engine do not meet
/// @param bindAddress of this machine, on which published ports listen
/// @param endpointHost how users write that address in endpoints
/// @param supervisor keeps commands beside containers; null where there is none for this machine
public record DockerSettings(
    URI engine,
    String instance,
    String bindAddress,
    String endpointHost,
    @Nullable Path supervisor) {
  private static final Pattern INSTANCE = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}");

  public DockerSettings {
    if (!INSTANCE.matcher(instance).matches()) {
      throw new IllegalArgumentException(
          "not a name for containers: '" + instance + "'; use letters, digits, '_', '.' and '-'");
    }
  }

  /// Ports are published on loopback.
  public static DockerSettings loopback(URI engine, String instance) {
    return new DockerSettings(engine, instance, "127.0.0.1", "127.0.0.1", null);
  }

  public DockerSettings withSupervisor(Path program) {
    return new DockerSettings(engine, instance, bindAddress, endpointHost, program);
  }

  /// Where an engine is most likely to be: `DOCKER_HOST`, the system's socket, the user's own
  /// Docker, the user's or the system's Podman. The first that is there; the system's Docker socket
  /// if none is.
  public static URI findEngine(Map<String, String> environment) {
    String said = environment.getOrDefault("DOCKER_HOST", "");
    if (!said.isBlank()) {
      return URI.create(said);
    }
    String runtimeDir = environment.getOrDefault("XDG_RUNTIME_DIR", "/nonexistent");
    String home = environment.getOrDefault("HOME", "/nonexistent");
    for (String socket :
        new String[] {
          "/var/run/docker.sock",
          runtimeDir + "/docker.sock",
          home + "/.docker/run/docker.sock",
          runtimeDir + "/podman/podman.sock",
          "/run/podman/podman.sock"
        }) {
      if (Files.exists(Path.of(socket))) {
        return URI.create("unix://" + socket);
      }
    }
    return URI.create(
        System.getProperty("os.name", "").startsWith("Windows")
            ? "npipe:////./pipe/docker_engine"
            : "unix:///var/run/docker.sock");
  }
}
