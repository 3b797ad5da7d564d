package io.atoll.runtime.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.runtime.driver.DriverException;
import java.io.IOException;
import java.net.URLEncoder;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Finds images on this machine, and fetches what is missing. The engine checks every layer against
/// its digest and the manifest against the one asked for.
///
/// A tag means what it meant when it was fetched here; whoever wants the same bytes on every
/// machine names the digest.
final class Images {
  private final Engine engine;
  private final PullListener listener;
  private final Map<ImageReference, ReentrantLock> pulls = new ConcurrentHashMap<>();

  Images(Engine engine, PullListener listener) {
    this.engine = engine;
    this.listener = listener;
  }

  /// The image of this name, fetched if it is not here.
  Image resolve(String name) throws DriverException, InterruptedException {
    ImageReference reference = ImageReference.parse(name);
    Optional<Image> here = find(reference);
    if (here.isPresent()) {
      return here.get();
    }
    // Two runs of one image fetch it once.
    ReentrantLock lock = pulls.computeIfAbsent(reference, _ -> new ReentrantLock());
    lock.lockInterruptibly();
    try {
      here = find(reference);
      if (here.isPresent()) {
        return here.get();
      }
      pull(name, reference);
      return find(reference)
          .orElseThrow(
              () -> notFound(name, "the engine fetched it and does not have it afterwards", null));
    } finally {
      lock.unlock();
      pulls.remove(reference, lock);
    }
  }

  private Optional<Image> find(ImageReference reference)
      throws DriverException, InterruptedException {
    try {
      JsonNode found = engine.get("/images/" + reference + "/json", Engine.SHORT);
      return Optional.of(Image.of(found, reference));
    } catch (EngineException e) {
      if (e.notFound()) {
        return Optional.empty();
      }
      throw e.toDriver("look for the image " + reference);
    }
  }

  private void pull(String name, ImageReference reference)
      throws DriverException, InterruptedException {
    String path =
        "/images/create?fromImage="
            + URLEncoder.encode(reference.repository(), UTF_8)
            + "&tag="
            + URLEncoder.encode(reference.version(), UTF_8);
    PullProgress progress = new PullProgress(name, listener, System::nanoTime);
    try (Response response = engine.open("POST", path, null);
        MappingIterator<JsonNode> lines =
            Json.mapper().readerFor(JsonNode.class).readValues(response.getBody())) {
      while (lines.hasNextValue()) {
        JsonNode line = lines.nextValue();
        String error = line.path("error").asText("");
        if (!error.isEmpty()) {
          throw failed(name, error, null);
        }
        progress.take(line);
      }
    } catch (EngineException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw e.answered() ? failed(name, e.said(), e) : e.toDriver("fetch the image " + name);
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw EngineException.noAnswer("the Docker engine went away", e)
          .toDriver("fetch the image " + name);
    }
  }

  private static DriverException failed(String name, String said, @Nullable Throwable cause) {
    String lower = said.toLowerCase(Locale.ROOT);
    if (lower.contains("verification failed")
        || lower.contains("digest mismatch")
        || lower.contains("does not match digest")
        || lower.contains("invalid digest")) {
      return new DriverException(
          ErrorCode.START_FAILED,
          "the image " + name + " was refused: its bytes do not match its digest: " + said,
          "the registry, or something before it, is damaged or lies; push the image again",
          cause);
    }
    if (lower.contains("manifest unknown")
        || lower.contains("not found")
        || lower.contains("does not exist")
        || lower.contains("denied")
        || lower.contains("unauthorized")
        || lower.contains("authentication required")
        || lower.contains("no basic auth")) {
      return notFound(name, said, cause);
    }
    return new DriverException(
        ErrorCode.UNREACHABLE,
        "could not fetch the image " + name + ": " + said,
        "check that this machine reaches the registry (docker pull " + name + ")",
        cause);
  }

  private static DriverException notFound(String name, String said, @Nullable Throwable cause) {
    return new DriverException(
        ErrorCode.IMAGE_NOT_FOUND,
        "there is no image " + name + ": " + said,
        "check name, tag and registry; an image that is only on your machine must be pushed to a"
            + " registry that the provider reaches",
        cause);
  }
}
