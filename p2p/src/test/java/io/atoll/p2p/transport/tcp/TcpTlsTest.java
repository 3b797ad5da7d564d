package io.atoll.p2p.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.muxer.yamux.Yamux;
import io.atoll.p2p.muxer.yamux.YamuxConfig;
import io.atoll.p2p.security.Security;
import io.atoll.p2p.security.noise.Noise;
import io.atoll.p2p.security.tls.HostCertificate;
import io.atoll.p2p.security.tls.Tls;
import io.atoll.p2p.transport.DialOptions;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.Transport;
import io.atoll.p2p.transport.TransportContract;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// TCP with TLS in place of Noise.
class TcpTlsTest extends TransportContract {
  @Override
  protected Transport transport(Identity identity, Duration handshake) {
    return transport(handshake, new Tls(HostCertificate.of(identity)));
  }

  private static Transport transport(Duration handshake, Security... securities) {
    return new TcpTransport(
        new Upgrader(List.of(securities), new Yamux(YamuxConfig.defaults())),
        new HandshakeLimits(handshake, 128, 64));
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
  void whoRefusesTheFirstSecurityIsAskedForTheNext() throws Exception {
    Identity alice = Identity.generate();
    Identity bob = Identity.generate();
    Duration limit = Duration.ofSeconds(5);
    Security tls = new Tls(HostCertificate.of(alice));
    Transport both = transport(limit, new Noise(alice), tls);
    for (Security only : List.of(new Tls(HostCertificate.of(bob)), new Noise(bob))) {
      Multiaddr any = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
      try (Listener listener = transport(limit, only).listen(any)) {
        for (Transport dialler : List.of(both, transport(limit, tls, new Noise(alice)))) {
          try (var dialled = dialler.dial(listener.address(), new DialOptions(bob.id(), limit))) {
            listener.accept().close();
            assertThat(dialled.remote()).isEqualTo(bob.id());
          }
        }
      }
    }
  }
}
