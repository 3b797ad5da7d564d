package io.atoll.p2p.security.noise;

import io.atoll.core.crypto.PublicKey;
import io.atoll.p2p.security.SecureChannel;
import io.atoll.p2p.transport.BulkOutput;
import io.atoll.p2p.transport.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.Optional;

/// Sealed records over a wire. Buffers grow with the largest record seen, so an idle connection is
/// cheap. One reading thread and one writing thread.
final class NoiseChannel implements SecureChannel {
  private static final int MAX_PLAIN = 65_535 - CipherState.TAG;
  private static final int FIRST_BUFFER = 1024;
  private static final int LARGEST_FRAME = 2 + 65_535;
  private static final byte[] NONE = new byte[0];
  private final Wire wire;
  private final PublicKey remoteKey;
  private final Optional<String> muxer;
  private final Opened in;
  private final Sealed out;

  NoiseChannel(
      Wire wire, HandshakeXX.Ciphers ciphers, PublicKey remoteKey, Optional<String> muxer) {
    this.wire = wire;
    this.remoteKey = remoteKey;
    this.muxer = muxer;
    this.in = new Opened(wire.in(), ciphers.receive());
    this.out = new Sealed(wire.out(), ciphers.send());
  }

  @Override
  public PublicKey remoteKey() {
    return remoteKey;
  }

  @Override
  public Optional<String> muxer() {
    return muxer;
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

  private static int grown(int wanted) {
    return Math.clamp(2L * Integer.highestOneBit(wanted - 1), FIRST_BUFFER, LARGEST_FRAME);
  }

  private static final class Opened extends InputStream {
    private final InputStream wire;
    private final CipherState cipher;
    private byte[] sealed = NONE;
    private byte[] plain = NONE;
    private int at;
    private int end;

    Opened(InputStream wire, CipherState cipher) {
      this.wire = wire;
      this.cipher = cipher;
    }

    @Override
    public int read() throws IOException {
      return fill() ? plain[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, into.length);
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int count = Math.min(length, end - at);
      System.arraycopy(plain, at, into, offset, count);
      at += count;
      return count;
    }

    @Override
    public int available() {
      return end - at;
    }

    /// False at the end, which the peer may forge: what must be whole says so itself.
    private boolean fill() throws IOException {
      while (at == end) {
        int high = wire.read();
        if (high < 0) {
          return false;
        }
        int low = wire.read();
        if (low < 0) {
          throw new EOFException("end of stream inside a Noise record");
        }
        int length = high << 8 | low;
        if (length < CipherState.TAG) {
          throw new ProtocolException("a Noise record is shorter than its tag");
        }
        if (sealed.length < length) {
          sealed = new byte[grown(length)];
          plain = new byte[sealed.length];
        }
        if (wire.readNBytes(sealed, 0, length) < length) {
          throw new EOFException("end of stream inside a Noise record");
        }
        try {
          at = 0;
          end = cipher.open(NONE, sealed, 0, length, plain, 0);
        } catch (GeneralSecurityException e) {
          end = 0;
          throw new ProtocolException("a Noise record was changed on its way");
        }
      }
      return true;
    }
  }

  private static final class Sealed extends BulkOutput {
    private final OutputStream wire;
    private final CipherState cipher;
    private byte[] record = NONE;

    Sealed(OutputStream wire, CipherState cipher) {
      this.wire = wire;
      this.cipher = cipher;
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, from.length);
      for (int done = 0; done < length; ) {
        int count = Math.min(length - done, MAX_PLAIN);
        int body = count + CipherState.TAG;
        if (record.length < body + 2) {
          record = new byte[grown(body + 2)];
        }
        record[0] = (byte) (body >>> 8);
        record[1] = (byte) body;
        try {
          cipher.seal(NONE, from, offset + done, count, record, 2);
        } catch (GeneralSecurityException e) {
          throw new IOException("cannot seal a Noise record", e);
        }
        wire.write(record, 0, body + 2);
        done += count;
      }
    }

    @Override
    public void flush() throws IOException {
      wire.flush();
    }
  }
}
