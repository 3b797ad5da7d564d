package io.atoll.daemon.rest;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.io.IOException;
import java.io.OutputStream;

/// What goes over a connection that was taken out of HTTP; at once.
final class DataOutput extends OutputStream {
  private final DataWriter writer;

  DataOutput(DataWriter writer) {
    this.writer = writer;
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    try {
      writer.writeNow(BufferData.createReadOnly(from, offset, length));
    } catch (RuntimeException e) {
      throw new IOException("the connection broke", e); // Whatever Helidon makes of that.
    }
  }
}
