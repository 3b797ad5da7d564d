package io.atoll.p2p.muxer.yamux;

import io.atoll.p2p.muxer.MuxedSession;
import io.atoll.p2p.muxer.Muxer;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;

/// The `/yamux/1.0.0` muxer.
public final class Yamux implements Muxer {
  private final YamuxConfig config;

  public Yamux(YamuxConfig config) {
    this.config = config;
  }

  @Override
  public String protocol() {
    return "/yamux/1.0.0";
  }

  @Override
  public MuxedSession start(Wire channel, Role role) {
    YamuxSession session = new YamuxSession(channel, role, config);
    session.start();
    return session;
  }
}
