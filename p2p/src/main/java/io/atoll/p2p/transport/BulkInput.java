package io.atoll.p2p.transport;

import java.io.IOException;
import java.io.InputStream;

/// A stream that is read in pieces; a single byte is a piece of one.
public abstract class BulkInput extends InputStream {
  private static final int PIECE = 64 << 10;

  /// Looks at bytes where they lie. They are its own only until it returns, and not to be changed.
  @FunctionalInterface
  public interface Taker {
    void take(byte[] bytes, int offset, int length);
  }

  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public abstract int read(byte[] into, int offset, int length) throws IOException;

  /// Hands on what comes next, at most `most` bytes in one piece; waits for the first of them. What
  /// lies in memory as it came is not copied for it.
  ///
  /// @return how many; -1 at the end
  public int pass(int most, Taker taker) throws IOException {
    return pass((InputStream) this, most, taker);
  }

  /// The same from any stream.
  public static int passFrom(InputStream in, int most, Taker taker) throws IOException {
    return in instanceof BulkInput bulk ? bulk.pass(most, taker) : pass(in, most, taker);
  }

  private static int pass(InputStream in, int most, Taker taker) throws IOException {
    byte[] piece = new byte[Math.min(most, PIECE)];
    int count = in.read(piece);
    if (count > 0) {
      taker.take(piece, 0, count);
    }
    return count;
  }
}
