package io.atoll.p2p.swarm;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Role;

/// A connection that carries nothing.
final class FakeConnection implements Connection {
  private final PeerId remote;
  private final Role role;
  private final int streams;
  private boolean open = true;

  FakeConnection(PeerId remote, Role role, int streams) {
    this.remote = remote;
    this.role = role;
    this.streams = streams;
  }

  @Override
  public PeerId remote() {
    return remote;
  }

  @Override
  public Role role() {
    return role;
  }

  @Override
  public Multiaddr localAddress() {
    return Multiaddr.parse("/memory/1");
  }

  @Override
  public Multiaddr remoteAddress() {
    return Multiaddr.parse("/memory/2");
  }

  @Override
  public MuxedStream open() {
    throw new AssertionError("not asked for");
  }

  @Override
  public MuxedStream accept() {
    throw new AssertionError("not asked for");
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public int streams() {
    return streams;
  }

  @Override
  public void close() {
    open = false;
  }
}
