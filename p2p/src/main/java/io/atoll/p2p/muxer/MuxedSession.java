package io.atoll.p2p.muxer;

import io.atoll.p2p.transport.MuxedStream;
import java.io.IOException;

/// The streams of one channel.
public interface MuxedSession extends AutoCloseable {
  MuxedStream open() throws IOException, InterruptedException;

  MuxedStream accept() throws IOException, InterruptedException;

  boolean isOpen();

  int streams();

  @Override
  void close();
}
