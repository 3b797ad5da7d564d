package io.atoll.runtime.image;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.FolderRemoval;
import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.DurableFiles;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.content.StoreHold;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Makes room until the store has no more than a budget: first what nobody can use, then what was
/// begun and not ended, then bytes without a name, then images, the longest unused first. What
/// somebody has a lease on stays, whatever the budget.
public final class Garbage {
  private final Images images;
  private final ContentStore store;

  public Garbage(Images images) {
    this.images = images;
    this.store = images.store();
  }

  /// What was done.
  ///
  /// @param before bytes in the store
  /// @param after bytes that are left; more than the budget if more is in use
  /// @param removed names of images that are gone
  /// @param kept names of images that are in use
  public record Outcome(long before, long after, List<String> removed, List<String> kept) {}

  /// @param budget bytes that may stay
  /// @param patience with others who fetch, import or convert
  /// @throws AtollException CONFLICT if they take longer
  public Outcome collect(long budget, Duration patience) throws InterruptedException {
    try (StoreHold _ =
        store
            .holdAlone(patience)
            .orElseThrow(
                () ->
                    new AtollException(
                        ErrorCode.CONFLICT,
                        "images are being fetched or made just now",
                        "try again when that has ended"))) {
      return new Run(budget).run();
    } catch (IOException e) {
      throw DurableFiles.failure("collect images", store.folder(), e);
    }
  }

  /// Removes what belongs to no image, unless somebody adds one just now. That it cannot is no
  /// failure.
  void removeUnneeded() throws InterruptedException {
    try {
      Optional<StoreHold> alone = store.holdAlone(Duration.ofSeconds(2));
      if (alone.isPresent()) {
        try (StoreHold _ = alone.get()) {
          Run run = new Run(Long.MAX_VALUE);
          run.removeUseless();
          run.removeDrafts();
          run.removeUnnamed();
        }
      }
    } catch (IOException | AtollException _) {
      // The failure that led here is told.
    }
  }

  /// One collection. The store is held alone meanwhile.
  private final class Run {
    private final long budget;
    private final Map<Digest, Long> blobs;
    private final Set<Digest> leased;
    private final List<Reference> named;
    private final List<String> removed = new ArrayList<>();
    private long bytes;

    Run(long budget) throws IOException {
      this.budget = budget;
      this.leased = images.leases().needed();
      this.blobs = store.sizes();
      this.named = new ArrayList<>(images.list());
      named.sort(Comparator.comparing(images.references()::lastUsed));
    }

    Outcome run() throws IOException, InterruptedException {
      long before = total();
      bytes = before;
      removeUseless();
      if (bytes > budget) {
        removeDrafts();
      }
      if (bytes > budget) {
        removeUnnamed();
      }
      List<String> kept = new ArrayList<>();
      for (Reference image : List.copyOf(named)) {
        if (leased.contains(image.digest())) {
          kept.add(image.name());
        } else if (bytes > budget) {
          images.forget(image);
          named.remove(image);
          removed.add(image.name());
          removeUnnamed();
        }
      }
      return new Outcome(before, bytes, List.copyOf(removed), kept);
    }

    private long total() throws IOException {
      long total = blobs.values().stream().mapToLong(Long::longValue).sum();
      for (Path folder : List.of(store.drafts(), images.roots().folder())) {
        for (Path file : files(folder)) {
          total += Files.size(file);
        }
      }
      for (Path tree : folders(images.programs().folder())) {
        total += size(tree);
      }
      return total;
    }

    /// What a process that died left in the middle: nobody can go on with it.
    private void removeUseless() throws IOException, InterruptedException {
      for (Path file : files(store.drafts())) {
        String name = file.getFileName().toString();
        if (name.startsWith("new-") || name.endsWith(".lock")) {
          remove(file);
        }
      }
      for (Path file : files(images.roots().folder())) {
        if (file.getFileName().toString().startsWith(".")) {
          remove(file);
        }
      }
      for (Path tree : folders(images.programs().folder())) {
        if (tree.getFileName().toString().startsWith(".")) {
          removeTree(tree);
        }
      }
    }

    private void removeDrafts() throws IOException {
      for (Path file : files(store.drafts())) {
        remove(file);
      }
    }

    private void removeUnnamed() throws IOException, InterruptedException {
      Set<Digest> wanted = new HashSet<>(leased);
      named.forEach(image -> wanted.add(image.digest()));
      Set<Digest> parts = new HashSet<>();
      for (Digest digest : wanted) {
        parts.addAll(parts(digest));
      }
      for (Reference image : named) {
        Digest index = image.index();
        if (index != null) {
          parts.add(index);
        }
      }
      for (Digest digest : List.copyOf(blobs.keySet())) {
        if (!parts.contains(digest)) {
          bytes -= blobs.getOrDefault(digest, 0L);
          blobs.remove(digest);
          store.remove(digest);
        }
      }
      Set<Path> roots = new HashSet<>();
      wanted.forEach(digest -> roots.add(images.roots().file(digest)));
      for (Path file : files(images.roots().folder())) {
        if (!roots.contains(file)) {
          remove(file);
        }
      }
      Set<Path> trees = new HashSet<>();
      wanted.forEach(digest -> trees.add(images.programs().folder(digest)));
      for (Path tree : folders(images.programs().folder())) {
        if (!trees.contains(tree)) {
          removeTree(tree);
        }
      }
    }

    /// An image that is one file has no manifest: it is its own only part.
    private Set<Digest> parts(Digest digest) {
      boolean container =
          named.stream()
              .filter(image -> image.digest().equals(digest))
              .findFirst()
              .map(image -> image.kind() == Reference.Kind.CONTAINER)
              .orElse(true);
      if (!container || !store.has(digest)) {
        return Set.of(digest);
      }
      try {
        return ContainerImage.read(store, digest.toString(), digest).parts();
      } catch (AtollException _) {
        // No manifest, or a damaged one: there is nothing more to keep.
        return Set.of(digest);
      }
    }

    private void remove(Path file) throws IOException {
      long size = Files.size(file);
      Files.deleteIfExists(file);
      bytes -= size;
    }

    private void removeTree(Path tree) throws IOException, InterruptedException {
      long size = size(tree);
      FolderRemoval.remove(tree);
      bytes -= size;
    }

    private static long size(Path tree) throws IOException {
      try (Stream<Path> all = Files.walk(tree)) {
        long size = 0;
        for (Path file : all.toList()) {
          if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            size += Files.size(file);
          }
        }
        return size;
      }
    }

    private static List<Path> folders(Path folder) throws IOException {
      try (Stream<Path> files = Files.list(folder)) {
        return files.filter(file -> Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)).toList();
      }
    }

    private static List<Path> files(Path folder) throws IOException {
      try (Stream<Path> files = Files.list(folder)) {
        return files.filter(Files::isRegularFile).toList();
      }
    }
  }
}
