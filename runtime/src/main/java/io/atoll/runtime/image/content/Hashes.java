package io.atoll.runtime.image.content;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/// Both digests and the length of bytes that go by.
final class Hashes {
  private final MessageDigest sha256 = Digest.Algorithm.SHA256.hash();
  private final MessageDigest sha3 = Digest.Algorithm.SHA3_256.hash();
  private long size;

  void update(byte[] bytes, int offset, int length) {
    sha256.update(bytes, offset, length);
    sha3.update(bytes, offset, length);
    size += length;
  }

  void updateAll(InputStream in) throws IOException {
    byte[] buffer = new byte[128 << 10];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      update(buffer, 0, read);
    }
  }

  long size() {
    return size;
  }

  /// To be called once.
  BlobFacts facts() {
    return new BlobFacts(
        Digest.of(Digest.Algorithm.SHA256, sha256.digest()),
        Digest.of(Digest.Algorithm.SHA3_256, sha3.digest()),
        size);
  }
}
