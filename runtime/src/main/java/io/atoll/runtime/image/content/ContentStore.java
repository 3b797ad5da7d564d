package io.atoll.runtime.image.content;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// Blobs by digest. Any number of processes and threads may use one folder at once.
public final class ContentStore {
  private final Path folder;
  private final Path blobs;
  private final Path facts;
  private final Path drafts;

  private ContentStore(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
    this.blobs = this.folder.resolve("blobs/sha256");
    this.facts = this.folder.resolve("facts");
    this.drafts = this.folder.resolve("drafts");
  }

  /// Makes the folder where there is none.
  public static ContentStore open(Path folder) {
    ContentStore store = new ContentStore(folder);
    try {
      DurableFiles.folder(store.folder);
      DurableFiles.folder(store.blobs);
      DurableFiles.folder(store.facts);
      DurableFiles.folder(store.drafts);
    } catch (IOException e) {
      throw DurableFiles.failure("make the image store", store.folder, e);
    }
    return store;
  }

  public Path folder() {
    return folder;
  }

  /// What must not be removed meanwhile: nothing is, until this is closed.
  public StoreHold hold() throws InterruptedException {
    try {
      return new StoreHold(FileGuard.take(folder.resolve("store.lock"), false));
    } catch (IOException e) {
      throw DurableFiles.failure("lock the image store", folder, e);
    }
  }

  /// For who removes: waits for those who add something.
  ///
  /// @return empty if somebody still does
  public Optional<StoreHold> holdAlone(Duration patience) throws InterruptedException {
    try {
      return FileGuard.take(folder.resolve("store.lock"), true, patience).map(StoreHold::new);
    } catch (IOException e) {
      throw DurableFiles.failure("lock the image store", folder, e);
    }
  }

  public boolean has(Digest digest) {
    return Files.exists(path(digest));
  }

  /// Where the blob is, or would be. The file is only ever read.
  public Path path(Digest digest) {
    if (digest.algorithm() != Digest.Algorithm.SHA256) {
      throw new IllegalArgumentException("content is named by SHA-256, not " + digest);
    }
    return blobs.resolve(digest.hex());
  }

  /// Empty if the blob is not here.
  public Optional<BlobFacts> facts(Digest digest) {
    if (!has(digest)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.read(Files.readAllBytes(factsFile(digest)), BlobFacts.class));
    } catch (IOException e) {
      // Lost or damaged: the bytes tell them again.
      return Optional.of(recount(digest));
    }
  }

  private BlobFacts recount(Digest digest) {
    try (InputStream in = open(digest)) {
      Hashes hashes = new Hashes();
      hashes.updateAll(in);
      BlobFacts found = hashes.facts();
      if (!found.digest().equals(digest)) {
        throw damaged(digest);
      }
      DurableFiles.write(factsFile(digest), Json.bytes(found));
      return found;
    } catch (IOException e) {
      throw DurableFiles.failure("read " + digest, folder, e);
    }
  }

  /// The bytes as they are on disk.
  public InputStream open(Digest digest) {
    try {
      return Files.newInputStream(path(digest));
    } catch (NoSuchFileException e) {
      throw absent(digest, e);
    } catch (IOException e) {
      throw DurableFiles.failure("read " + digest, folder, e);
    }
  }

  /// The bytes, hashed again while they are read: the end of the stream is only reached if they are
  /// what they were, else reading throws an `AtollException`.
  public InputStream verified(Digest digest) {
    return new VerifiedStream(open(digest), digest);
  }

  /// A small blob, hashed again.
  ///
  /// @throws AtollException TOO_LARGE if it has more than `most` bytes
  public byte[] bytes(Digest digest, int most) {
    try (InputStream in = verified(digest)) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw new AtollException(
            ErrorCode.TOO_LARGE,
            digest + " has more than the " + most + " bytes that such a document may have",
            "make the image with fewer layers, labels or platforms");
      }
      return bytes;
    } catch (IOException e) {
      throw DurableFiles.failure("read " + digest, folder, e);
    }
  }

  /// A draft of the blob, with what came of it before; waits for another who writes it.
  ///
  /// @param size exactly how many bytes it has
  /// @return empty if the blob is here
  public Optional<Draft> draft(Digest digest, long size) throws InterruptedException {
    StoreHold hold = hold();
    FileGuard.Held lock = null;
    boolean kept = false;
    try {
      // The lock is a file of its own, that only goes when nobody holds the store: a draft changes
      // its name under who waits for it.
      lock = FileGuard.take(drafts.resolve(digest.hex() + ".lock"), true);
      if (has(digest)) {
        return Optional.empty();
      }
      Draft draft = Draft.named(this, hold, lock, drafts.resolve(digest.hex()), digest, size);
      kept = true;
      return Optional.of(draft);
    } catch (IOException e) {
      throw DurableFiles.failure("begin to store " + digest, folder, e);
    } finally {
      if (!kept) {
        Draft.release(lock, hold);
      }
    }
  }

  /// A draft of bytes whose digest is not known. Closing it without a commit removes it.
  ///
  /// @param most how many bytes it may have
  public Draft draft(long most) throws InterruptedException {
    StoreHold hold = hold();
    boolean kept = false;
    try {
      Draft draft = Draft.unnamed(this, hold, drafts.resolve("new-" + UUID.randomUUID()), most);
      kept = true;
      return draft;
    } catch (IOException e) {
      throw DurableFiles.failure("begin to store new bytes", folder, e);
    } finally {
      if (!kept) {
        hold.close();
      }
    }
  }

  /// Stores a small document.
  public BlobFacts put(byte[] bytes) throws InterruptedException {
    BlobFacts found = BlobFacts.of(bytes);
    if (has(found.digest())) {
      return found;
    }
    try (Draft draft = draft(bytes.length)) {
      draft.write(bytes, 0, bytes.length);
      return draft.commit();
    }
  }

  /// The last step of a draft: facts first, then the one rename.
  void admit(Path draft, BlobFacts found) throws IOException {
    DurableFiles.write(factsFile(found.digest()), Json.bytes(found));
    DurableFiles.rename(draft, path(found.digest()));
  }

  /// Sizes of all blobs.
  public Map<Digest, Long> sizes() throws IOException {
    Map<Digest, Long> sizes = new HashMap<>();
    try (Stream<Path> files = Files.list(blobs)) {
      for (Path file : files.toList()) {
        Optional<Digest> digest = Digest.find("sha256:" + file.getFileName());
        if (digest.isPresent()) {
          sizes.put(digest.get(), Files.size(file));
        }
      }
    }
    return sizes;
  }

  /// To be called with the store held alone.
  public void remove(Digest digest) throws IOException {
    Files.deleteIfExists(path(digest));
    Files.deleteIfExists(factsFile(digest));
  }

  /// What was begun and not ended. With the store held alone nobody goes on with it meanwhile.
  public Path drafts() {
    return drafts;
  }

  private Path factsFile(Digest digest) {
    return facts.resolve(digest.hex() + ".json");
  }

  private static AtollException absent(Digest digest, IOException cause) {
    return new AtollException(
        ErrorCode.NOT_FOUND,
        "the image store does not have " + digest,
        "fetch the image again: atoll image pull NAME",
        cause);
  }

  static AtollException damaged(Digest digest) {
    return new AtollException(
        ErrorCode.INTERNAL,
        "the stored bytes of " + digest + " are no longer what they were: the disk is damaged",
        "remove the image and fetch it again; check the disk");
  }
}
