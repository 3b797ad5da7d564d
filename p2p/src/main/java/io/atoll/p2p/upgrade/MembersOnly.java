package io.atoll.p2p.upgrade;

import io.atoll.p2p.transport.BulkInput;
import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// A wire inside a private network. Everybody says the same first there, so the first bytes tell
/// whether the other end has the key; nobody waits for more of what makes no sense.
final class MembersOnly implements Wire {
  /// What every negotiation begins with: its length and its text.
  private static final byte[] GREETING =
      "\023/multistream/1.0.0\n".getBytes(StandardCharsets.US_ASCII);

  private final Wire wire;
  private final In in = new In();

  MembersOnly(Wire wire) {
    this.wire = wire;
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return wire.out();
  }

  @Override
  public void close() {
    wire.close();
  }

  private final class In extends BulkInput {
    private int greeted;

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int count = wire.in().read(into, offset, length);
      for (int i = 0; i < count && greeted < GREETING.length; i++) {
        if (into[offset + i] != GREETING[greeted++]) {
          throw new OutsideNetwork("the other end does not have the key of this private network");
        }
      }
      if (count < 0 && greeted < GREETING.length) {
        throw OutsideNetwork.hungUp();
      }
      return count;
    }

    @Override
    public int available() throws IOException {
      return wire.in().available();
    }
  }
}
