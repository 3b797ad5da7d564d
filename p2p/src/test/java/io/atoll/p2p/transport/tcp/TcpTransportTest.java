package io.atoll.p2p.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.muxer.yamux.Yamux;
import io.atoll.p2p.muxer.yamux.YamuxConfig;
import io.atoll.p2p.security.noise.Noise;
import io.atoll.p2p.transport.Admission;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.DialOptions;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.Transport;
import io.atoll.p2p.transport.TransportContract;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TcpTransportTest extends TransportContract {
  @Override
  protected Transport transport(Identity identity, Duration handshake) {
    return transport(identity, new HandshakeLimits(handshake, 128, 64));
  }

  private static Transport transport(Identity identity, HandshakeLimits limits) {
    return new TcpTransport(
        new Upgrader(new Noise(identity), new Yamux(YamuxConfig.defaults()), Admission.everybody()),
        limits);
  }

  @Override
  protected List<Multiaddr> anywhere() {
    return List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"), Multiaddr.parse("/ip6/::1/tcp/0"));
  }

  @Override
  protected Multiaddr nowhere() throws IOException {
    try (var server = new ServerSocket(0)) {
      return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + server.getLocalPort());
    }
  }

  @Test
  void knowsItsAddresses() {
    Transport tcp = transport(Identity.generate(), HandshakeLimits.defaults());
    for (String good : List.of("/ip4/1.2.3.4/tcp/5", "/ip6/::1/tcp/5", "/dns4/a.example/tcp/5")) {
      assertThat(tcp.handles(Multiaddr.parse(good))).isTrue();
    }
    for (String bad :
        List.of("/ip4/1.2.3.4/udp/5", "/ip4/1.2.3.4/tcp/5/ws", "/tcp/5", "/ip4/1.2.3.4")) {
      assertThat(tcp.handles(Multiaddr.parse(bad))).isFalse();
    }
  }

  @Test
  void dialsNames() throws Exception {
    Identity bob = Identity.generate();
    Transport tcp = transport(bob, HandshakeLimits.defaults());
    try (Listener listener = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))) {
      String port = listener.address().toString().replaceAll(".*/", "");
      Transport alice = transport(Identity.generate(), HandshakeLimits.defaults());
      var options = new DialOptions(bob.id(), Duration.ofSeconds(5));
      try (var connection = alice.dial(Multiaddr.parse("/dns4/localhost/tcp/" + port), options)) {
        assertThat(connection.remoteAddress()).isEqualTo(listener.address());
      }
      assertThatThrownBy(
              () -> alice.dial(Multiaddr.parse("/dns4/nowhere.invalid/tcp/" + port), options))
          .isInstanceOf(DialException.class)
          .hasMessageContaining("unknown host /dns4/nowhere.invalid");
    }
  }

  @Test
  void pendingHandshakesAreLimited() throws Exception {
    Identity bob = Identity.generate();
    Transport tcp = transport(bob, new HandshakeLimits(Duration.ofSeconds(1), 3, 3));
    try (Listener listener = tcp.listen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))) {
      int port = Integer.parseInt(listener.address().toString().replaceAll(".*/", ""));
      List<Socket> mute = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        mute.add(new Socket("127.0.0.1", port));
      }
      Thread.sleep(100);
      var options = new DialOptions(bob.id(), Duration.ofSeconds(5));
      Transport alice = transport(Identity.generate(), HandshakeLimits.defaults());
      assertThatThrownBy(() -> alice.dial(listener.address(), options))
          .isInstanceOf(DialException.class);
      for (Socket socket : mute) {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        socket.close();
      }
      Thread.sleep(100);
      alice.dial(listener.address(), options).close();
    }
  }
}
