package io.atoll.p2p.transport.ws;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.muxer.yamux.Yamux;
import io.atoll.p2p.muxer.yamux.YamuxConfig;
import io.atoll.p2p.security.noise.Noise;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.Transport;
import io.atoll.p2p.transport.TransportContract;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebSocketTransportTest extends TransportContract {
  @Override
  protected Transport transport(Identity identity, Duration handshake) {
    return new WebSocketTransport(
        new Upgrader(new Noise(identity), new Yamux(YamuxConfig.defaults())),
        new HandshakeLimits(handshake, 128, 64));
  }

  @Override
  protected List<Multiaddr> anywhere() {
    return List.of(
        Multiaddr.parse("/ip4/127.0.0.1/tcp/0/ws"), Multiaddr.parse("/ip6/::1/tcp/0/ws"));
  }

  @Override
  protected Multiaddr nowhere() throws IOException {
    try (var server = new ServerSocket(0)) {
      return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + server.getLocalPort() + "/ws");
    }
  }

  @Test
  void knowsItsAddresses() {
    Transport ws = transport(Identity.generate(), Duration.ofSeconds(5));
    for (String good : List.of("/ip4/1.2.3.4/tcp/5/ws", "/dns4/a.example/tcp/80/ws")) {
      assertThat(ws.handles(Multiaddr.parse(good))).isTrue();
    }
    for (String bad :
        List.of("/ip4/1.2.3.4/tcp/5", "/ip4/1.2.3.4/tcp/5/wss", "/ip4/1.2.3.4/udp/5/ws")) {
      assertThat(ws.handles(Multiaddr.parse(bad))).isFalse();
    }
  }
}
