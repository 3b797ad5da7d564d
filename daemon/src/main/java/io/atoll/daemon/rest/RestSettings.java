package io.atoll.daemon.rest;

import io.atoll.client.api.VersionView;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Set;

/// How the API is served.
///
/// @param listen where; port 0 = any free one
/// @param hostNames names, besides the machine's own addresses and `localhost`, under which
///     callers may reach it, such as that of a reverse proxy; without a port, small letters
/// @param scratch folder for a backup on its way out; only the daemon can read it
/// @param metrics what `/metrics` shows
public record RestSettings(
    InetSocketAddress listen,
    Set<String> hostNames,
    Path scratch,
    VersionView version,
    PrometheusMeterRegistry metrics) {
  public RestSettings {
    hostNames = Set.copyOf(hostNames);
  }
}
