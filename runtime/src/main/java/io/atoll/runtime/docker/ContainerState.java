package io.atoll.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Port;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/// What the engine says of a container.
///
/// @param id the engine's own
/// @param status `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`
/// @param pid of its first process, as the engine's machine counts; 0 if it does not run
/// @param started when it last began; the epoch if never
/// @param finished when it last ended; the epoch if never
/// @param oomKilled whether the kernel killed a process of it for its memory limit
/// @param stopSignal what ends it politely
/// @param error why a start failed; empty if none did
/// @param network what is published, as the engine writes it
record ContainerState(
    String id,
    String status,
    long pid,
    Instant started,
    Instant finished,
    int exitCode,
    boolean oomKilled,
    String error,
    String stopSignal,
    JsonNode labels,
    JsonNode network) {

  static ContainerState of(JsonNode inspected) {
    JsonNode state = inspected.path("State");
    return new ContainerState(
        inspected.path("Id").asText(),
        state.path("Status").asText(),
        state.path("Pid").asLong(),
        time(state.path("StartedAt").asText()),
        time(state.path("FinishedAt").asText()),
        state.path("ExitCode").asInt(),
        state.path("OOMKilled").asBoolean(),
        state.path("Error").asText(""),
        inspected.path("Config").path("StopSignal").asText("SIGTERM"),
        inspected.path("Config").path("Labels"),
        inspected.path("NetworkSettings").path("Ports"));
  }

  /// Year 1, as engines write "never", becomes the epoch.
  private static Instant time(String text) {
    try {
      Instant time = OffsetDateTime.parse(text).toInstant();
      return time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time;
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  /// Whether its payload ever ran.
  boolean began() {
    return started.isAfter(Instant.EPOCH);
  }

  boolean alive() {
    return status.equals("running") || status.equals("paused") || status.equals("restarting");
  }

  boolean paused() {
    return status.equals("paused");
  }

  boolean ended() {
    return began() && !alive();
  }

  String label(String name) {
    return labels.path(name).asText("");
  }

  /// Published ports with the address that the engine chose.
  List<Endpoint> endpoints(String host) {
    List<Endpoint> endpoints = new ArrayList<>();
    network
        .properties()
        .forEach(
            entry -> {
              JsonNode first = entry.getValue().path(0).path("HostPort");
              if (!first.asText("").isEmpty()) {
                endpoints.add(new Endpoint(Port.parse(entry.getKey()), host, first.asInt()));
              }
            });
    endpoints.sort((a, b) -> a.toString().compareTo(b.toString()));
    return endpoints;
  }
}
