package io.atoll.p2p.security.tls;

import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Judges the one peer of one handshake, before it learns who is here, and remembers its key.
public final class Judge extends X509ExtendedTrustManager {
  private final @Nullable PeerId expected;
  private volatile @Nullable PublicKey key;
  private volatile @Nullable String refusal;

  public Judge(@Nullable PeerId expected) {
    this.expected = expected;
  }

  /// The key of the peer; null until it was judged, and found good.
  public @Nullable PublicKey key() {
    return key;
  }

  /// What is wrong with the peer; null unless it was judged, and refused.
  public @Nullable String refusal() {
    return refusal;
  }

  private void judge(X509Certificate[] chain) throws CertificateException {
    try {
      key = PeerCertificate.judge(chain, expected);
    } catch (CertificateException e) {
      refusal = e.getMessage();
      throw e;
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    judge(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    judge(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    judge(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    judge(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    judge(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    judge(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
