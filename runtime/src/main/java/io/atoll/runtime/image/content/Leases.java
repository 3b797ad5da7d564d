package io.atoll.runtime.image.content;

import io.atoll.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Who needs which image. On disk, since a run outlives the daemon that started it: a lease holds
/// until whoever took it gives it back.
public final class Leases {
  private final ContentStore store;
  private final Path folder;

  private Leases(ContentStore store, Path folder) {
    this.store = store;
    this.folder = folder;
  }

  /// @param holder such as the name of a run
  /// @param digest of the image
  public record Lease(String holder, Digest digest) {}

  public static Leases of(ContentStore store) {
    Path folder = store.folder().resolve("leases");
    try {
      DurableFiles.folder(folder);
    } catch (IOException e) {
      throw DurableFiles.failure("make the folder of leases", folder, e);
    }
    return new Leases(store, folder);
  }

  /// Keeps the image and all it consists of, until `give`. A holder has one lease; a second takes
  /// its place. On disk on return.
  public void take(String holder, Digest digest) throws InterruptedException {
    try (StoreHold _ = store.hold()) {
      DurableFiles.write(file(holder), Json.bytes(new Lease(holder, digest)));
    } catch (IOException e) {
      throw DurableFiles.failure("keep " + digest + " for " + holder, folder, e);
    }
  }

  /// What the holder has a lease on.
  public Optional<Digest> of(String holder) {
    try {
      return Optional.of(Json.read(Files.readAllBytes(file(holder)), Lease.class).digest());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw DurableFiles.failure("read the lease of " + holder, folder, e);
    }
  }

  /// No effect if there is none.
  public void give(String holder) {
    try {
      Files.deleteIfExists(file(holder));
    } catch (IOException e) {
      throw DurableFiles.failure("end the lease of " + holder, folder, e);
    }
  }

  /// @throws IOException if one cannot be read: better nothing is removed than what somebody needs
  public Set<Digest> needed() throws IOException {
    Set<Digest> needed = new HashSet<>();
    for (Lease lease : all()) {
      needed.add(lease.digest());
    }
    return needed;
  }

  public List<Lease> all() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> leases =
          files.filter(file -> !file.getFileName().toString().startsWith(".")).sorted().toList();
      List<Lease> all = new java.util.ArrayList<>();
      for (Path file : leases) {
        all.add(Json.read(Files.readAllBytes(file), Lease.class));
      }
      return all;
    }
  }

  private Path file(String holder) {
    return folder.resolve(
        Digest.sha256(holder.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 40) + ".json");
  }
}
