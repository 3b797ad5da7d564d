package io.atoll.runtime.image.registry;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Draft;
import io.atoll.runtime.image.manifest.Descriptor;
import io.atoll.runtime.image.manifest.ImageDocument;
import io.atoll.runtime.image.manifest.MediaTypes;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.Optional;

/// A client of registries. Any thread; blocking; cancelled by interrupt.
public final class Registry implements AutoCloseable {
  private static final int MOST_BREAKS = 5;

  private final RegistrySettings settings;
  private final Wire wire;

  public Registry(RegistrySettings settings) {
    this.settings = settings;
    this.wire = new Wire(settings);
  }

  /// A document as the registry has it.
  ///
  /// @param digest of these bytes: what the tag means now
  /// @param mediaType as the registry says; may be empty
  public record Fetched(byte[] bytes, Digest digest, String mediaType) {}

  /// Whether the registry answers, and takes us as we are.
  ///
  /// @throws AtollException UNREACHABLE, TIMEOUT or UNAUTHENTICATED
  public void ping(ImageName anyOfIts) throws InterruptedException {
    try (Wire.Answer answer = wire.get(anyOfIts, "", Map.of())) {
      if (answer.status() != 200) {
        throw Wire.refused(anyOfIts, anyOfIts.host(), answer.status(), Wire.errorBody(answer));
      }
    }
  }

  /// The manifest or index that the name means now.
  ///
  /// @throws AtollException IMAGE_NOT_FOUND; START_FAILED if its bytes are not those of the digest
  public Fetched manifest(ImageName name) throws InterruptedException {
    return find(name)
        .orElseThrow(
            () ->
                new AtollException(
                    ErrorCode.IMAGE_NOT_FOUND,
                    "there is no image " + name + " at " + name.host(),
                    "check name, tag and registry"));
  }

  /// Empty if there is none.
  public Optional<Fetched> find(ImageName name) throws InterruptedException {
    String path = name.repository() + "/manifests/" + name.version();
    try (Wire.Answer answer = wire.get(name, path, Wire.accepting(MediaTypes.ACCEPTED))) {
      if (answer.status() == 404) {
        return Optional.empty();
      }
      if (answer.status() != 200) {
        throw Wire.refused(name, name.host(), answer.status(), Wire.errorBody(answer));
      }
      byte[] bytes = answer.body().readNBytes(ImageDocument.MOST_BYTES + 1);
      if (bytes.length > ImageDocument.MOST_BYTES) {
        throw new AtollException(
            ErrorCode.TOO_LARGE,
            "the manifest of " + name + " has more than " + ImageDocument.MOST_BYTES + " bytes",
            "no image needs that; ask whoever pushed it");
      }
      Digest found = Digest.sha256(bytes);
      Digest wanted = name.digest();
      if (wanted != null && !wanted.equals(found)) {
        throw lie(name, wanted, found);
      }
      Optional<Digest> said = Digest.find(answer.header("Docker-Content-Digest"));
      if (said.isPresent()
          && said.get().algorithm() == Digest.Algorithm.SHA256
          && !said.get().equals(found)) {
        throw lie(name, said.get(), found);
      }
      String type = answer.header("Content-Type").split(";", 2)[0].strip();
      return Optional.of(new Fetched(bytes, found, MediaTypes.ACCEPTED.contains(type) ? type : ""));
    } catch (IOException e) {
      throw broken(name, e);
    }
  }

  private static AtollException lie(ImageName name, Digest wanted, Digest found) {
    return new AtollException(
        ErrorCode.START_FAILED,
        "the manifest of " + name + " was refused: it should be " + wanted + " and is " + found,
        "the registry, or something before it, is damaged or lies; push the image again");
  }

  /// Fetches a blob into the store, from where a broken transfer ended; returns at once if it is
  /// here. Bytes beyond its size are never read.
  ///
  /// @throws AtollException START_FAILED if its bytes are not those of its digest; TOO_LARGE;
  ///     UNREACHABLE or TIMEOUT if they do not come, and then those that came are kept
  public void fetch(ImageName name, Descriptor blob, ContentStore store, TransferProgress progress)
      throws InterruptedException {
    if (blob.size() > settings.mostBlob()) {
      throw new AtollException(
          ErrorCode.TOO_LARGE,
          blob.digest() + " of " + name + " has " + blob.size() + " bytes, more than are allowed",
          "make the image smaller");
    }
    if (!attempt(name, blob, store, progress)) {
      // What an earlier transfer left was bad; whoever left it may have been somebody else.
      attempt(name, blob, store, progress);
    }
  }

  /// @return false if the bytes are others, and some of them were here before
  private boolean attempt(
      ImageName name, Descriptor blob, ContentStore store, TransferProgress progress)
      throws InterruptedException {
    Optional<Draft> wanted = store.draft(blob.digest(), blob.size());
    if (wanted.isEmpty()) {
      progress.at(blob.digest(), blob.size(), blob.size());
      return true;
    }
    try (Draft draft = wanted.get()) {
      boolean resumed = draft.position() > 0;
      int breaks = 0;
      while (draft.position() < blob.size()) {
        long before = draft.position();
        try {
          transfer(name, blob, draft, progress);
        } catch (IOException e) {
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
          // A line that breaks again and again after a few bytes is as good as none.
          breaks = draft.position() - before > blob.size() / 20 ? 1 : breaks + 1;
          if (breaks >= MOST_BREAKS || e instanceof SocketTimeoutException) {
            throw broken(name, e);
          }
        }
      }
      try {
        draft.commit();
        return true;
      } catch (AtollException e) {
        if (resumed && e.code() == ErrorCode.START_FAILED) {
          return false;
        }
        throw e;
      }
    }
  }

  private void transfer(ImageName name, Descriptor blob, Draft draft, TransferProgress progress)
      throws IOException, InterruptedException {
    long from = draft.position();
    Map<String, String> headers = from == 0 ? Map.of() : Map.of("Range", "bytes=" + from + "-");
    String path = name.repository() + "/blobs/" + blob.digest();
    try (Wire.Answer answer = wire.get(name, path, headers)) {
      switch (answer.status()) {
        case 200 -> {
          if (from > 0) {
            draft.restart();
          }
        }
        case 206 -> {
          if (!answer.header("Content-Range").startsWith("bytes " + from + "-")) {
            draft.restart();
            throw new IOException("the registry sent another part than the one asked for");
          }
        }
        case 416 -> {
          draft.restart();
          throw new IOException("the registry has less than it sent before");
        }
        default -> throw Wire.refused(name, name.host(), answer.status(), Wire.errorBody(answer));
      }
      byte[] buffer = new byte[128 << 10];
      while (true) {
        // One byte more than there may be shows an endless body; the draft refuses it.
        int room = (int) Math.min(buffer.length, blob.size() - draft.position() + 1);
        int read = answer.body().read(buffer, 0, room);
        if (read < 0) {
          break;
        }
        draft.write(buffer, 0, read);
        progress.at(blob.digest(), draft.position(), blob.size());
      }
      if (draft.position() < blob.size()) {
        throw new IOException(
            "the transfer ended after " + draft.position() + " of " + blob.size() + " bytes");
      }
    }
  }

  private static AtollException broken(ImageName name, IOException cause)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return Wire.broken(name, name.host(), cause);
  }

  @Override
  public void close() {
    wire.close();
  }
}
