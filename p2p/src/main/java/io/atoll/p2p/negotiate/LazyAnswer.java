package io.atoll.p2p.negotiate;

import java.io.IOException;
import java.io.InputStream;

/// A stream whose first read consumes the listener's answer to a lazy proposal. For one reader.
final class LazyAnswer extends InputStream {
  private final InputStream in;
  private final String protocol;
  private boolean answered;

  LazyAnswer(InputStream in, String protocol) {
    this.in = in;
    this.protocol = protocol;
  }

  private InputStream answered() throws IOException {
    if (!answered) {
      Multistream.readAnswer(in, protocol);
      answered = true;
    }
    return in;
  }

  @Override
  public int read() throws IOException {
    return answered().read();
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    return answered().read(into, offset, length);
  }

  @Override
  public int available() throws IOException {
    return answered ? in.available() : 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
