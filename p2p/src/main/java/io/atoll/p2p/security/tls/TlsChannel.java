package io.atoll.p2p.security.tls;

import io.atoll.core.crypto.PublicKey;
import io.atoll.p2p.security.SecureChannel;
import io.atoll.p2p.transport.BulkOutput;
import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/// A wire after the handshake. It ends without a farewell of its own: the muxer above says one.
record TlsChannel(
    Wire wire, PublicKey remoteKey, Optional<String> muxer, InputStream in, OutputStream out)
    implements SecureChannel {
  TlsChannel(Wire wire, TlsRecords records, PublicKey remoteKey, Optional<String> muxer) {
    this(wire, remoteKey, muxer, new Opened(records), new Sealed(records));
  }

  @Override
  public void close() {
    wire.close();
  }

  private static final class Opened extends InputStream {
    private final TlsRecords records;

    Opened(TlsRecords records) {
      this.records = records;
    }

    @Override
    public int read() throws IOException {
      ByteBuffer ready = records.read();
      return ready.hasRemaining() ? ready.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, into.length);
      if (length == 0) {
        return 0;
      }
      ByteBuffer ready = records.read();
      if (!ready.hasRemaining()) {
        return -1;
      }
      int count = Math.min(length, ready.remaining());
      ready.get(into, offset, count);
      return count;
    }

    @Override
    public int available() {
      return records.available();
    }
  }

  private static final class Sealed extends BulkOutput {
    private final TlsRecords records;

    Sealed(TlsRecords records) {
      this.records = records;
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, from.length);
      if (length > 0) {
        records.write(ByteBuffer.wrap(from, offset, length));
      }
    }
  }
}
