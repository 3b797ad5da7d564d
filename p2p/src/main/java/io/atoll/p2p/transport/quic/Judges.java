package io.atoll.p2p.transport.quic;

import io.atoll.p2p.security.tls.Judge;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.WeakHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Sends each handshake to its own judge: the codec knows one trust manager for all of them.
final class Judges extends X509ExtendedTrustManager {
  private final Map<SSLEngine, Judge> judges = new WeakHashMap<>();

  /// Before the handshake; where nobody is expected the judge need not be named.
  synchronized void appoint(SSLEngine engine, Judge judge) {
    judges.put(engine, judge);
  }

  synchronized Judge of(SSLEngine engine) {
    return judges.computeIfAbsent(engine, _ -> new Judge(null));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    of(engine).checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    of(engine).checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw nobody();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw nobody();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw nobody();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw nobody();
  }

  private static CertificateException nobody() {
    return new CertificateException("a certificate without a QUIC handshake");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
