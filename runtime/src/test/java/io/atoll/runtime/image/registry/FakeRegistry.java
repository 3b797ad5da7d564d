package io.atoll.runtime.image.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.atoll.runtime.image.content.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/// A registry that answers as a test scripts it.
public final class FakeRegistry implements AutoCloseable {
  /// Answers one request.
  @FunctionalInterface
  public interface Script {
    void answer(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final Map<String, Script> scripts = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  public FakeRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.add(
              path
                  + " auth="
                  + exchange.getRequestHeaders().getFirst("Authorization")
                  + " range="
                  + exchange.getRequestHeaders().getFirst("Range")
                  + " query="
                  + exchange.getRequestURI().getQuery());
          try (exchange) {
            Script script = scripts.get(path);
            if (script == null) {
              exchange.sendResponseHeaders(404, -1);
            } else {
              script.answer(exchange);
            }
          }
        });
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public String host() {
    return "127.0.0.1:" + port();
  }

  public List<String> asked() {
    return asked;
  }

  public void on(String path, Script script) {
    scripts.put(path, script);
  }

  /// Serves a manifest under a tag and under its digest.
  public Digest manifest(String repository, String tag, String type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Script script =
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", type);
          send(exchange, 200, bytes);
        };
    Digest digest = Digest.sha256(bytes);
    on("/v2/" + repository + "/manifests/" + tag, script);
    on("/v2/" + repository + "/manifests/" + digest, script);
    return digest;
  }

  public Digest blob(String repository, byte[] bytes) {
    Digest digest = Digest.sha256(bytes);
    on("/v2/" + repository + "/blobs/" + digest, exchange -> send(exchange, 200, bytes));
    return digest;
  }

  public static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
