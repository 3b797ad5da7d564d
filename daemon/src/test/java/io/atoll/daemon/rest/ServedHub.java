package io.atoll.daemon.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.VersionView;
import io.atoll.core.json.Json;
import io.atoll.core.os.FolderRemoval;
import io.atoll.daemon.gate.GateNetworks;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
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

/// A hub in memory behind a real server on loopback, and a plain HTTP client to ask it.
final class ServedHub implements AutoCloseable {
  final MemoryHub hub;
  final MemoryProvider provider = new MemoryProvider();
  final MemoryPeers peers = new MemoryPeers();
  final MemoryAdverts adverts = new MemoryAdverts();
  GateNetworks networks = GateNetworks.none();
  final Path scratch;
  RestServer server;
  private final HttpClient http = HttpClient.newHttpClient();

  ServedHub() throws IOException {
    hub = new MemoryHub();
    scratch = Files.createTempDirectory("atoll-rest-test");
    server = start(0);
  }

  RestServer start(int port) {
    return RestServer.start(
        hub,
        provider,
        peers,
        adverts,
        networks,
        new RestSettings(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            Set.of("hub.example"),
            scratch,
            new VersionView("0.1.0", "abc", "25", "linux amd64"),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
  }

  record Answer(int status, HttpResponse<byte[]> response) {
    String text() {
      return new String(response.body(), StandardCharsets.UTF_8);
    }

    JsonNode json() {
      try {
        return Json.mapper().readTree(response.body());
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + text(), e);
      }
    }

    String code() {
      return json().path("code").asText();
    }
  }

  Answer get(String path) throws Exception {
    return call("GET", path, null);
  }

  Answer post(String path, String body, String... headers) throws Exception {
    return call("POST", path, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  Answer call(String method, String path, byte[] body, String... headers) throws Exception {
    HttpRequest.Builder request =
        bare(method, path, body).header("Authorization", "Bearer " + MemoryHub.SECRET);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  HttpRequest.Builder bare(String method, String path, byte[] body) {
    return HttpRequest.newBuilder(URI.create(server.uri() + path))
        .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
  }

  Answer send(HttpRequest request) throws Exception {
    HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
    return new Answer(response.statusCode(), response);
  }

  InputStream stream(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        bare("GET", path, null).header("Authorization", "Bearer " + MemoryHub.SECRET);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofInputStream()).body();
  }

  /// A stream that another key than the usual one asked for.
  InputStream streamAs(String bearer, String path) throws Exception {
    HttpRequest request = bare("GET", path, null).header("Authorization", bearer).build();
    return http.send(request, BodyHandlers.ofInputStream()).body();
  }

  /// Sends bytes as they are and returns what comes back until the server closes or is silent.
  String raw(String request) throws IOException {
    try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.setSoTimeout(2000);
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      try {
        socket.getInputStream().transferTo(answer);
      } catch (SocketTimeoutException e) {
        answer.writeBytes(" [left open]".getBytes(StandardCharsets.UTF_8));
      }
      return answer.toString(StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    server.close();
    http.close();
    try {
      FolderRemoval.remove(scratch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
