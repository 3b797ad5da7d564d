package io.atoll.daemon.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.VersionView;
import io.atoll.core.identity.Identity;
import io.atoll.core.json.Json;
import io.atoll.daemon.gate.GateNetworks;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.sqlite.SqliteStore;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.LoopbackHost;
import io.atoll.p2p.host.P2p;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A hub with its store on disk behind a real server on loopback, and a plain client that speaks
/// to it as Golem's do.
final class GolemHub implements AutoCloseable {
  private final Path folder;
  private final GateNetworks gates;
  private final Identity identity = Identity.generate();
  private final HttpClient http = HttpClient.newHttpClient();
  private String address = "/ip4/127.0.0.1/tcp/0";
  private Host host;
  Hub hub;
  RestServer server;

  GolemHub(Path folder) throws Exception {
    this(folder, GateNetworks.none());
  }

  GolemHub(Path folder, GateNetworks gates) throws Exception {
    this.folder = folder;
    this.gates = gates;
    start();
  }

  private void start() throws Exception {
    host = new LoopbackHost(P2p.start(HostConfig.of(identity, java.util.List.of(address))));
    String bound = host.listening().getFirst();
    address = bound.substring(0, bound.indexOf("/p2p/"));
    Path data = Files.createDirectories(folder.resolve("hub"));
    hub =
        new Hub(
                HubConfig.defaults("test"),
                identity,
                host,
                SqliteStore.open(data),
                Reserve.of(data),
                () -> "")
            .start();
    server =
        RestServer.start(
            hub,
            new MemoryProvider(),
            new MemoryPeers(),
            new MemoryAdverts(),
            gates,
            new RestSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Set.of(),
                Files.createDirectories(folder.resolve("scratch")),
                new VersionView("0.1.0", "abc", "25", "linux amd64"),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
  }

  /// Another process, as far as the store can tell.
  void restart() throws Exception {
    stop();
    start();
  }

  private void stop() {
    server.close();
    hub.close();
    host.close();
  }

  record Answer(int status, String text) {
    JsonNode json() {
      try {
        return Json.mapper().readTree(text);
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + text, e);
      }
    }

    /// A text that is the whole answer.
    String word() {
      return json().asText();
    }

    String message() {
      return json().path("message").asText();
    }
  }

  /// @param key null for none
  Answer call(@Nullable String key, String method, String path, @Nullable String body)
      throws Exception {
    return call(
        key, method, path, body == null ? null : body.getBytes(StandardCharsets.UTF_8), false);
  }

  Answer call(@Nullable String key, String method, String path, byte @Nullable [] body, boolean raw)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.uri() + path))
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (key != null) {
      request.header("Authorization", "Bearer " + key);
    }
    if (body != null && !raw) {
      request.header("Content-Type", "application/json");
    }
    HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
    return new Answer(response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    stop();
    http.close();
  }
}
