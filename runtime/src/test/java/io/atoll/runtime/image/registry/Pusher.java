package io.atoll.runtime.image.registry;

import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.manifest.MediaTypes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Puts images of the tests into a registry.
public final class Pusher implements AutoCloseable {
  private final HttpClient client = HttpClient.newHttpClient();
  private final String host;
  private final String login;

  public Pusher(String host) {
    this(host, "");
  }

  /// @param login `user:password`, or empty
  public Pusher(String host, String login) {
    this.host = host;
    this.login = login;
  }

  public static String config(String architecture, String more) {
    return "{\"os\":\"linux\",\"architecture\":\"" + architecture + "\",\"config\":{" + more + "}}";
  }

  /// A whole image.
  ///
  /// @return digest of its manifest
  public Digest image(String repository, String tag, String config, byte[]... layers)
      throws Exception {
    String manifest = manifest(repository, config, layers);
    return manifest(repository, tag, MediaTypes.OCI_MANIFEST, manifest);
  }

  /// Pushes the parts of an image.
  ///
  /// @return its manifest
  public String manifest(String repository, String config, byte[]... layers) throws Exception {
    List<String> all = new ArrayList<>();
    for (byte[] layer : layers) {
      blob(repository, layer);
      all.add(descriptor(MediaTypes.OCI_LAYER_GZIP, layer, ""));
    }
    byte[] bytes = config.getBytes(StandardCharsets.UTF_8);
    blob(repository, bytes);
    return "{\"schemaVersion\":2,\"mediaType\":\""
        + MediaTypes.OCI_MANIFEST
        + "\",\"config\":"
        + descriptor(MediaTypes.OCI_CONFIG, bytes, "")
        + ",\"layers\":["
        + String.join(",", all)
        + "]}";
  }

  public static String descriptor(String type, byte[] bytes, String more) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
        .formatted(type, Digest.sha256(bytes), bytes.length, more);
  }

  public Digest manifest(String repository, String tag, String type, String text) throws Exception {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    send(
        HttpRequest.newBuilder(
                URI.create("http://" + host + "/v2/" + repository + "/manifests/" + tag))
            .header("Content-Type", type)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
    return Digest.sha256(bytes);
  }

  public void blob(String repository, byte[] bytes) throws Exception {
    HttpResponse<String> begun =
        send(
            HttpRequest.newBuilder(
                    URI.create("http://" + host + "/v2/" + repository + "/blobs/uploads/"))
                .POST(HttpRequest.BodyPublishers.noBody()));
    String at = begun.headers().firstValue("Location").orElseThrow();
    send(
        HttpRequest.newBuilder(
                URI.create(at + (at.contains("?") ? "&" : "?") + "digest=" + Digest.sha256(bytes)))
            .header("Content-Type", "application/octet-stream")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    if (!login.isEmpty()) {
      request.header(
          "Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes()));
    }
    HttpResponse<String> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new IOException(answer.statusCode() + " " + answer.body());
    }
    return answer;
  }

  @Override
  public void close() {
    client.close();
  }
}
