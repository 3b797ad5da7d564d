package io.atoll.p2p.pnet;

import io.atoll.p2p.transport.BulkInput;
import io.atoll.p2p.transport.BulkOutput;
import io.atoll.p2p.transport.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.Objects;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.jspecify.annotations.Nullable;

/// A wire under XSalsa20. Each end's random bytes go out with the first that it writes, and before
/// its first read, which awaits those of the other. One reading thread and one writing thread, as
/// soon as both have begun.
final class ProtectedWire implements Wire {
  private static final int NONCE = 24;
  private static final int CHUNK = 16 << 10;
  private static final SecureRandom RANDOM = new SecureRandom();
  private final Wire wire;
  private final byte[] key;
  private final In in = new In();
  private final Out out = new Out();

  ProtectedWire(Wire wire, byte[] key) {
    this.wire = wire;
    this.key = key;
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  @Override
  public void close() {
    wire.close();
  }

  private XSalsa20Engine cipher(byte[] nonce) {
    XSalsa20Engine engine = new XSalsa20Engine();
    engine.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
    return engine;
  }

  private final class In extends BulkInput {
    private @Nullable XSalsa20Engine cipher;

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, into.length);
      if (length == 0) {
        return 0;
      }
      XSalsa20Engine ready = cipher;
      if (ready == null) {
        out.greet();
        byte[] nonce = wire.in().readNBytes(NONCE);
        if (nonce.length < NONCE) {
          throw new EOFException("the peer hung up before it said hello to the private network");
        }
        ready = cipher(nonce);
        cipher = ready;
      }
      int count = wire.in().read(into, offset, length);
      if (count > 0) {
        ready.processBytes(into, offset, count, into, offset);
      }
      return count;
    }

    @Override
    public int available() throws IOException {
      return cipher == null ? 0 : wire.in().available();
    }
  }

  private final class Out extends BulkOutput {
    private @Nullable XSalsa20Engine cipher;
    private byte[] chunk = new byte[256];

    /// Some peers wait for the random bytes before they say anything.
    void greet() throws IOException {
      if (cipher == null) {
        write(new byte[0], 0, 0);
        flush();
      }
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, from.length);
      int start = 0;
      XSalsa20Engine ready = cipher;
      if (ready == null) {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        ready = cipher(nonce);
        cipher = ready;
        // With the first bytes, in one segment.
        System.arraycopy(nonce, 0, chunk, 0, NONCE);
        start = NONCE;
        if (length == 0) {
          wire.out().write(chunk, 0, NONCE);
        }
      }
      for (int done = 0; done < length; ) {
        int count = Math.min(length - done, CHUNK);
        if (chunk.length < start + count) {
          byte[] larger = new byte[Math.min(NONCE + CHUNK, 2 * (start + count))];
          System.arraycopy(chunk, 0, larger, 0, start);
          chunk = larger;
        }
        ready.processBytes(from, offset + done, count, chunk, start);
        wire.out().write(chunk, 0, start + count);
        done += count;
        start = 0;
      }
    }

    @Override
    public void flush() throws IOException {
      wire.out().flush();
    }
  }
}
