package io.atoll.p2p.transport.quic;

import io.atoll.p2p.security.tls.HostCertificate;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;

/// What all endpoints of a node show, and how they judge what they are shown.
record Credentials(QuicSslContext client, QuicSslContext server, Judges judges) {
  private static final String ALPN = "libp2p";

  static Credentials of(HostCertificate host) {
    Judges judges = new Judges();
    QuicSslContext client =
        QuicSslContextBuilder.forClient()
            .keyManager(host.key(), null, host.certificate())
            .trustManager(judges)
            .applicationProtocols(ALPN)
            .build();
    QuicSslContext server =
        QuicSslContextBuilder.forServer(host.key(), null, host.certificate())
            .trustManager(judges)
            .clientAuth(ClientAuth.REQUIRE)
            .applicationProtocols(ALPN)
            .build();
    return new Credentials(client, server, judges);
  }
}
