package io.atoll.p2p.upgrade;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.muxer.MuxedSession;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Role;
import java.io.IOException;

record UpgradedConnection(
    PeerId remote,
    Role role,
    Multiaddr localAddress,
    Multiaddr remoteAddress,
    String security,
    MuxedSession session)
    implements Connection {
  @Override
  public MuxedStream open() throws IOException, InterruptedException {
    return session.open();
  }

  @Override
  public MuxedStream accept() throws IOException, InterruptedException {
    return session.accept();
  }

  @Override
  public boolean isOpen() {
    return session.isOpen();
  }

  @Override
  public int streams() {
    return session.streams();
  }

  @Override
  public void close() {
    session.close();
  }
}
