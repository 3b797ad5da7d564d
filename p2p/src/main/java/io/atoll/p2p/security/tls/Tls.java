package io.atoll.p2p.security.tls;

import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.security.SecureChannel;
import io.atoll.p2p.security.Security;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.net.ProtocolException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/// The `/tls/1.0.0` security of libp2p, by the JDK's engine.
public final class Tls implements Security {
  private static final String NO_MUXER = "libp2p";
  private final Supplier<HostCertificate> certificate;

  public Tls(HostCertificate certificate) {
    this(() -> certificate);
  }

  /// @param certificate asked for each handshake
  public Tls(Supplier<HostCertificate> certificate) {
    this.certificate = certificate;
  }

  @Override
  public String protocol() {
    return "/tls/1.0.0";
  }

  @Override
  public SecureChannel secure(Wire wire, Role role, @Nullable PeerId expected, List<String> muxers)
      throws IOException {
    Judge judge = new Judge(expected);
    SSLEngine engine = engine(judge, role, muxers);
    TlsRecords records = new TlsRecords(engine, wire);
    records.handshake();
    PublicKey remote = judge.key();
    if (remote == null) {
      throw new ProtocolException("TLS: the peer shows no certificate");
    }
    return new TlsChannel(wire, records, remote, agreed(engine, muxers));
  }

  private SSLEngine engine(Judge judge, Role role, List<String> muxers) {
    try {
      KeyManager own = new OwnKey(certificate.get());
      // A context for each: its judge knows whom to expect, and no session outlives it.
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(new KeyManager[] {own}, new TrustManager[] {judge}, null);
      SSLEngine engine = context.createSSLEngine();
      engine.setUseClientMode(role == Role.INITIATOR);
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.3"});
      parameters.setNeedClientAuth(role == Role.RESPONDER);
      List<String> offered = new ArrayList<>(muxers);
      offered.add(NO_MUXER);
      parameters.setApplicationProtocols(offered.toArray(String[]::new));
      engine.setSSLParameters(parameters);
      return engine;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform has no TLS 1.3", e);
    }
  }

  private static Optional<String> agreed(SSLEngine engine, List<String> muxers) {
    String chosen = engine.getApplicationProtocol();
    return chosen != null && muxers.contains(chosen) ? Optional.of(chosen) : Optional.empty();
  }
}
