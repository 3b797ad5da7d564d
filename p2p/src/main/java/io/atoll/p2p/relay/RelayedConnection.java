package io.atoll.p2p.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Role;
import java.io.IOException;

/// A connection end to end, over a relay that limits it.
record RelayedConnection(Connection inner) implements Connection {
  @Override
  public boolean limited() {
    return true;
  }

  @Override
  public PeerId remote() {
    return inner.remote();
  }

  @Override
  public Role role() {
    return inner.role();
  }

  @Override
  public Multiaddr localAddress() {
    return inner.localAddress();
  }

  @Override
  public Multiaddr remoteAddress() {
    return inner.remoteAddress();
  }

  @Override
  public MuxedStream open() throws IOException, InterruptedException {
    return inner.open();
  }

  @Override
  public MuxedStream accept() throws IOException, InterruptedException {
    return inner.accept();
  }

  @Override
  public boolean isOpen() {
    return inner.isOpen();
  }

  @Override
  public String security() {
    return inner.security();
  }

  @Override
  public int streams() {
    return inner.streams();
  }

  @Override
  public void close() {
    inner.close();
  }
}
