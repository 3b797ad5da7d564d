package io.atoll.runtime.signature;

import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Signatures that this machine knows, one small file each: `HEX-….json`, where HEX is the digest
/// that they are of. A file that is none counts for nothing.
public final class SignatureFolder {
  private static final int MOST_OF_ONE = 64;

  private final Path folder;

  public SignatureFolder(Path folder) {
    this.folder = folder;
  }

  public void add(ImageSignature signature) {
    byte[] bytes = signature.encode();
    try {
      DurableFiles.folder(folder);
      DurableFiles.write(
          folder.resolve(signature.digest().hex() + "-" + Digest.sha256(bytes).brief() + ".json"),
          bytes);
    } catch (IOException e) {
      throw DurableFiles.failure("keep a signature", folder, e);
    }
  }

  /// Those of every digest of the image.
  public List<ImageSignature> of(Subject image) {
    List<ImageSignature> all = new ArrayList<>(of(image.digest()));
    for (Digest other : image.others()) {
      all.addAll(of(other));
    }
    return all;
  }

  private List<ImageSignature> of(Digest digest) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<ImageSignature> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files
              .filter(path -> path.getFileName().toString().startsWith(digest.hex() + "-"))
              .sorted()
              .limit(MOST_OF_ONE)
              .toList()) {
        try {
          if (Files.size(file) <= ImageSignature.MOST_BYTES) {
            found.add(ImageSignature.decode(Files.readAllBytes(file)));
          }
        } catch (IOException _) {
          // Damaged: as if it were not there.
        }
      }
    } catch (IOException e) {
      throw DurableFiles.failure("read signatures", folder, e);
    }
    return found;
  }
}
