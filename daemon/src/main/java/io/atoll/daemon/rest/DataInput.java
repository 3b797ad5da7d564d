package io.atoll.daemon.rest;

import io.helidon.common.buffers.DataReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/// What comes over a connection that was taken out of HTTP.
final class DataInput extends InputStream {
  private final DataReader reader;

  DataInput(DataReader reader) {
    this.reader = reader;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    try {
      reader.ensureAvailable();
      return reader.readBuffer(Math.min(length, reader.available())).read(into, offset, length);
    } catch (DataReader.InsufficientDataAvailableException end) {
      return -1;
    } catch (RuntimeException e) {
      throw new IOException("the connection broke", e); // Whatever Helidon makes of that.
    }
  }
}
