package io.atoll.p2p.swarm;

import io.atoll.p2p.transport.MuxedStream;
import java.io.InputStream;
import java.io.OutputStream;

/// A stream that gives back what it held once it is closed or reset at this end.
record CountedStream(MuxedStream stream, ResourceTree.Scope scope) implements MuxedStream {
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
    scope.close();
  }

  @Override
  public void close() {
    stream.close();
    scope.close();
  }
}
