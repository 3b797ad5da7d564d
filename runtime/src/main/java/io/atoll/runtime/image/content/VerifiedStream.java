package io.atoll.runtime.image.content;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/// Passes bytes on and hashes them; refuses to end if they are not those of the digest.
final class VerifiedStream extends FilterInputStream {
  private final Digest expected;
  private final MessageDigest hash = Digest.Algorithm.SHA256.hash();
  private boolean ended;

  VerifiedStream(InputStream in, Digest expected) {
    super(in);
    this.expected = expected;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = super.read(into, offset, length);
    if (read > 0) {
      hash.update(into, offset, read);
    } else if (read < 0 && !ended) {
      ended = true;
      if (!Digest.of(Digest.Algorithm.SHA256, hash.digest()).equals(expected)) {
        throw ContentStore.damaged(expected);
      }
    }
    return read;
  }

  @Override
  public long skip(long count) throws IOException {
    byte[] buffer = new byte[(int) Math.min(count, 64 << 10)];
    int read = count <= 0 ? 0 : read(buffer, 0, buffer.length);
    return Math.max(0, read);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
