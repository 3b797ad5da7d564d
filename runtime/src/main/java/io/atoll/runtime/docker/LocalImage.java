package io.atoll.runtime.docker;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// Images made here, without a registry.
public final class LocalImage {
  /// Path of the program in the image.
  public static final String PROGRAM = ProbeImage.PROGRAM;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private LocalImage() {}

  /// Gives the engine an image that holds one static program and nothing else, in the place of the
  /// one that has the name now.
  ///
  /// @param repository and
  /// @param tag what it is called at the engine
  /// @return its reference
  public static String of(URI engine, Path program, String repository, String tag)
      throws IOException, InterruptedException {
    try (Engine client = new Engine(engine)) {
      removeUnused(client, repository + ":" + tag);
      client.postBytes(
          "/images/create?fromSrc=-&repo=" + repository + "&tag=" + tag,
          ProbeImage.tar(Files.readAllBytes(program)),
          PATIENCE);
      return repository + ":" + tag;
    } catch (EngineException e) {
      throw new IOException("the engine did not take the image: " + e.said(), e);
    }
  }

  /// Otherwise every image but the newest would stay without a name.
  private static void removeUnused(Engine client, String image)
      throws EngineException, InterruptedException {
    try {
      client.delete("/images/" + image, PATIENCE);
    } catch (EngineException e) {
      if (!e.notFound() && !e.conflict()) {
        throw e;
      }
    }
  }
}
