package io.atoll.runtime.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/// What `docker login` (or `skopeo login`) wrote into its file. Credential helpers are other
/// programs, and are not called.
public record DockerCredentials(Path file) implements Credentials {
  private static final long LARGEST = 1 << 20;

  /// By `DOCKER_CONFIG`, else in the home folder; none where there is neither.
  public static Credentials ofUser(Map<String, String> environment) {
    String folder = environment.getOrDefault("DOCKER_CONFIG", "");
    String home = environment.getOrDefault("HOME", "");
    if (!folder.isEmpty()) {
      return new DockerCredentials(Path.of(folder, "config.json"));
    }
    return home.isEmpty() ? NONE : new DockerCredentials(Path.of(home, ".docker", "config.json"));
  }

  @Override
  public Optional<Login> at(String host) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
        return Optional.empty();
      }
      JsonNode auths = Json.mapper().readTree(Files.readAllBytes(file)).path("auths");
      String key = auths.has(host) ? host : auths.has("https://" + host) ? "https://" + host : host;
      String auth = auths.path(key).path("auth").asText("");
      String pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon <= 0
          ? Optional.empty()
          : Optional.of(new Login(pair.substring(0, colon), pair.substring(colon + 1)));
    } catch (IOException | IllegalArgumentException _) {
      // As if nobody had logged in: the registry says what it misses.
      return Optional.empty();
    }
  }
}
