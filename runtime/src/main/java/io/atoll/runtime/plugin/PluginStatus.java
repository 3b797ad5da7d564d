package io.atoll.runtime.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.runtime.driver.Activity;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How a run is, as its runtime says.
///
/// @param cursor the runtime's own word for this status, to be said back with `wait`
/// @param output how many bytes are in the run's folder; -1 if it does not say
/// @param exit null unless it has ended
/// @param endedAt null where nobody knows
record PluginStatus(
    Activity.State state,
    String cursor,
    long output,
    List<Endpoint> endpoints,
    @Nullable Exit exit,
    @Nullable Instant endedAt) {
  private static final int MOST_ENDPOINTS = 256;
  private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(1);

  /// @throws IOException if it is none
  static PluginStatus of(JsonNode said, Instant now) throws IOException {
    Activity.State state =
        switch (PluginField.text(said, "state", 20)) {
          case "running" -> Activity.State.RUNNING;
          case "suspended" -> Activity.State.SUSPENDED;
          case "ended" -> Activity.State.TERMINATED;
          default -> throw new IOException("no 'state': it is running, suspended or ended");
        };
    return new PluginStatus(
        state,
        said.has("cursor") ? PluginField.text(said, "cursor", 64) : "",
        said.has("output") ? PluginField.number(said, "output", 0, PluginField.MOST) : -1,
        endpoints(said.get("endpoints")),
        state == Activity.State.TERMINATED ? exit(PluginField.object(said, "exit")) : null,
        endedAt(said, now));
  }

  private static Exit exit(JsonNode said) throws IOException {
    String cause = PluginField.text(said, "cause", 20);
    try {
      return new Exit(
          Exit.Cause.valueOf(cause.toUpperCase(Locale.ROOT)),
          (int) PluginField.number(said, "code", 0, 255),
          said.has("detail") ? PluginField.text(said, "detail", 1000) : "");
    } catch (IllegalArgumentException e) {
      throw new IOException("'" + cause + "' is no cause of an end", e);
    }
  }

  private static List<Endpoint> endpoints(@Nullable JsonNode said) throws IOException {
    List<Endpoint> endpoints = new ArrayList<>();
    if (said == null || said.isNull()) {
      return endpoints;
    }
    if (!said.isArray() || said.size() > MOST_ENDPOINTS) {
      throw new IOException("'endpoints' is no list of at most " + MOST_ENDPOINTS);
    }
    for (JsonNode one : said) {
      try {
        Endpoint endpoint = Endpoint.parse(PluginField.clean(one.asText(), 300));
        if (endpoint.hostPort() < 1 || endpoint.hostPort() > 65535) {
          throw new IOException("an endpoint without a port");
        }
        endpoints.add(endpoint);
      } catch (IllegalArgumentException e) {
        throw new IOException("an endpoint is written 80/tcp->host:port", e);
      }
    }
    return endpoints;
  }

  private static @Nullable Instant endedAt(JsonNode said, Instant now) throws IOException {
    if (!said.has("endedAt")) {
      return null;
    }
    try {
      Instant at = Instant.parse(PluginField.text(said, "endedAt", 40));
      if (at.isAfter(now.plus(CLOCKS_DIFFER)) || at.isBefore(Instant.EPOCH)) {
        throw new IOException("'endedAt' is not in the past");
      }
      return at;
    } catch (DateTimeException e) {
      throw new IOException("'endedAt' is no time in RFC 3339", e);
    }
  }
}
