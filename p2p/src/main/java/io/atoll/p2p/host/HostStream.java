package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.transport.MuxedStream;
import java.io.InputStream;
import java.io.OutputStream;

/// A stream on whose protocol both ends agreed.
record HostStream(PeerId remote, String protocol, MuxedStream stream) implements Stream {
  @Override
  public InputStream in() {
    return stream.in();
  }

  @Override
  public OutputStream out() {
    return stream.out();
  }

  @Override
  public void reset() {
    stream.reset();
  }

  @Override
  public void close() {
    stream.close();
  }
}
