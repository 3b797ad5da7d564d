package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.transport.MuxedStream;
import java.io.InputStream;
import java.io.OutputStream;

/// A stream on whose protocol both ends agreed.
///
/// @param ended run when its user is done with it; more than once does no harm
record HostStream(PeerId remote, String protocol, MuxedStream stream, Runnable ended)
    implements Stream {
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
    ended.run();
    stream.reset();
  }

  @Override
  public void close() {
    ended.run();
    stream.close();
  }
}
