package io.atoll.p2p.transport.ws;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.DialOptions;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.Transport;
import io.atoll.p2p.transport.Wire;
import io.atoll.p2p.transport.tcp.Layer;
import io.atoll.p2p.transport.tcp.TcpTransport;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.util.List;

/// `/ip4/…/tcp/…/ws`: TCP with a WebSocket on each socket, secured and muxed inside it.
public final class WebSocketTransport implements Transport {
  private final Transport tcp;

  public WebSocketTransport(Upgrader upgrader, HandshakeLimits limits) {
    this.tcp = new TcpTransport(upgrader, limits, new WebSocketLayer());
  }

  @Override
  public boolean handles(Multiaddr address) {
    return tcp.handles(address);
  }

  @Override
  public Connection dial(Multiaddr address, DialOptions options)
      throws DialException, InterruptedException {
    return tcp.dial(address, options);
  }

  @Override
  public Listener listen(Multiaddr address) throws IOException {
    return tcp.listen(address);
  }

  private static final class WebSocketLayer implements Layer {
    @Override
    public List<Protocol> suffix() {
      return List.of(Protocol.WS);
    }

    @Override
    public Wire dialled(Wire wire, String host, int port) throws IOException {
      Handshake.dial(wire, host, port);
      return new WebSocketWire(wire, true);
    }

    @Override
    public Wire accepted(Wire wire) throws IOException {
      Handshake.answer(wire);
      return new WebSocketWire(wire, false);
    }
  }
}
