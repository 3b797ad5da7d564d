package io.atoll.p2p.transport;

import java.io.IOException;
import java.io.OutputStream;

/// A stream that is written in pieces; a single byte is a piece of one.
public abstract class BulkOutput extends OutputStream {
  @Override
  public final void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public abstract void write(byte[] from, int offset, int length) throws IOException;
}
