package io.atoll.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.term.Port;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An image on this machine. Containers are made from `id`, so that nobody can put another image
/// under the name in between.
///
/// @param id digest of its configuration, which names every layer by digest
/// @param digest of its manifest at the registry; null if it never was at one
/// @param manifests digests of all manifests and indexes that the engine knows it by
/// @param exposed ports that it says it listens on
/// @param stopSignal what ends it politely
/// @param entrypoint what it runs, in front of the command
/// @param command what it runs where the task says nothing
/// @param architecture that it is made for, as Go names it; empty if it does not say
record Image(
    String id,
    @Nullable String digest,
    List<String> manifests,
    List<Port> exposed,
    String stopSignal,
    List<String> entrypoint,
    List<String> command,
    String architecture) {
  Image {
    manifests = List.copyOf(manifests);
    exposed = List.copyOf(exposed);
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
  }

  /// Whether it says what to run.
  boolean runs() {
    return !entrypoint.isEmpty() || !command.isEmpty();
  }

  static Image of(JsonNode inspected, ImageReference name) {
    List<Port> exposed = new ArrayList<>();
    inspected
        .path("Config")
        .path("ExposedPorts")
        .fieldNames()
        .forEachRemaining(
            port -> {
              if (port.endsWith("/tcp") || port.endsWith("/udp")) {
                exposed.add(Port.parse(port));
              }
            });
    exposed.sort((a, b) -> a.toString().compareTo(b.toString()));
    String signal = inspected.path("Config").path("StopSignal").asText("");
    return new Image(
        inspected.path("Id").asText(),
        digest(inspected, name),
        manifests(inspected),
        Collections.unmodifiableList(exposed),
        signal.isEmpty() ? "SIGTERM" : signal,
        words(inspected.path("Config").path("Entrypoint")),
        words(inspected.path("Config").path("Cmd")),
        inspected.path("Architecture").asText(""));
  }

  private static List<String> words(JsonNode list) {
    List<String> all = new ArrayList<>();
    list.forEach(word -> all.add(word.asText()));
    return all;
  }

  private static List<String> manifests(JsonNode inspected) {
    List<String> all = new ArrayList<>();
    for (JsonNode each : inspected.path("RepoDigests")) {
      String text = each.asText();
      String digest = text.substring(text.indexOf('@') + 1);
      if (!all.contains(digest)) {
        all.add(digest);
      }
    }
    return all;
  }

  private static @Nullable String digest(JsonNode inspected, ImageReference name) {
    if (name.isDigest()) {
      return name.version();
    }
    for (JsonNode each : inspected.path("RepoDigests")) {
      String text = each.asText();
      int at = text.indexOf('@');
      if (at > 0
          && (text.substring(0, at).equals(name.repository())
              || text.substring(0, at).endsWith("/" + name.repository()))) {
        return text.substring(at + 1);
      }
    }
    return null;
  }
}
