package io.atoll.runtime.image.content;

import io.atoll.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Names of images: one small file each, replaced as a whole, whose time of change is when the name
/// was last used. A file that is no reference is passed over.
public final class References {
  private final Path folder;

  private References(Path folder) {
    this.folder = folder;
  }

  public static References of(ContentStore store) {
    Path folder = store.folder().resolve("refs");
    try {
      DurableFiles.folder(folder);
    } catch (IOException e) {
      throw DurableFiles.failure("make the folder of image names", folder, e);
    }
    return new References(folder);
  }

  public void put(Reference reference) {
    try {
      DurableFiles.write(file(reference.name()), Json.bytes(reference));
    } catch (IOException e) {
      throw DurableFiles.failure("name the image " + reference.name(), folder, e);
    }
  }

  public Optional<Reference> find(String name) {
    return read(file(name)).filter(reference -> reference.name().equals(name));
  }

  /// By name.
  public List<Reference> all() {
    List<Reference> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> read(file).ifPresent(all::add));
    } catch (IOException e) {
      throw DurableFiles.failure("list the images", folder, e);
    }
    all.sort(Comparator.comparing(Reference::name));
    return all;
  }

  /// @return false if there was none
  public boolean remove(String name) {
    try {
      return Files.deleteIfExists(file(name));
    } catch (IOException e) {
      throw DurableFiles.failure("forget the image " + name, folder, e);
    }
  }

  /// Notes that it was used now.
  public void touch(Reference reference) {
    try {
      Files.setLastModifiedTime(file(reference.name()), FileTime.from(Instant.now()));
    } catch (IOException _) {
      // Gone meanwhile, or not ours to write: the collection then takes it for older than it is.
    }
  }

  public Instant lastUsed(Reference reference) {
    try {
      return Files.getLastModifiedTime(file(reference.name())).toInstant();
    } catch (IOException _) {
      return reference.since();
    }
  }

  private static Optional<Reference> read(Path file) {
    if (!file.getFileName().toString().endsWith(".json")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.read(Files.readAllBytes(file), Reference.class));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private Path file(String name) {
    // Names may be longer than a file's name, and may hold what those may not.
    return folder.resolve(
        Digest.sha256(name.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 40) + ".json");
  }
}
