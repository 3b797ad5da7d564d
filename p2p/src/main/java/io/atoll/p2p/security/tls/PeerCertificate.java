package io.atoll.p2p.security.tls;

import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.jspecify.annotations.Nullable;

/// Judges the certificate that a peer shows.
public final class PeerCertificate {
  static final ASN1ObjectIdentifier EXTENSION = new ASN1ObjectIdentifier("1.3.6.1.4.1.53594.1.1");

  /// What may be critical: ours, and what says how a key may be used, which binds nobody here.
  private static final Set<String> UNDERSTOOD =
      Set.of(EXTENSION.getId(), "2.5.29.15", "2.5.29.19", "2.5.29.37");

  private static final byte[] SIGNED_PREFIX =
      "libp2p-tls-handshake:".getBytes(StandardCharsets.US_ASCII);

  private PeerCertificate() {}

  /// Who stands behind a chain, which must be one certificate.
  ///
  /// @param expected who it must be; null where it may be anybody
  /// @throws CertificateException that says what is wrong with it
  public static PublicKey judge(X509Certificate[] chain, @Nullable PeerId expected)
      throws CertificateException {
    if (chain.length != 1) {
      throw new CertificateException("a peer shows one certificate, this one " + chain.length);
    }
    PublicKey key = judge(chain[0]);
    PeerId remote = PeerId.of(key);
    if (expected != null && !remote.equals(expected)) {
      throw new CertificateException("somebody else is there: " + remote);
    }
    return key;
  }

  private static PublicKey judge(X509Certificate certificate) throws CertificateException {
    try {
      certificate.checkValidity();
    } catch (RuntimeException malformed) {
      // Bouncy Castle reads dates when they are asked for.
      throw new CertificateException("the certificate's dates cannot be read", malformed);
    }
    Set<String> critical = certificate.getCriticalExtensionOIDs();
    if (critical != null && !UNDERSTOOD.containsAll(critical)) {
      throw new CertificateException("the certificate has a critical extension unknown here");
    }
    if (certificate.getSubjectUniqueID() != null || certificate.getIssuerUniqueID() != null) {
      throw new CertificateException("the certificate has unique ids, which libp2p forbids");
    }
    try {
      certificate.verify(certificate.getPublicKey());
    } catch (GeneralSecurityException | RuntimeException e) {
      // Bouncy Castle reports a malformed key by an unchecked exception.
      throw new CertificateException("the certificate is not signed by its own key", e);
    }
    byte[] extension = certificate.getExtensionValue(EXTENSION.getId());
    if (extension == null) {
      throw new CertificateException("the certificate names no host key");
    }
    PublicKey key;
    byte[] signature;
    try {
      ASN1Sequence pair =
          ASN1Sequence.getInstance(ASN1OctetString.getInstance(extension).getOctets());
      if (pair.size() != 2) {
        throw new IllegalArgumentException("it has " + pair.size() + " parts");
      }
      key = PublicKey.decode(ASN1OctetString.getInstance(pair.getObjectAt(0)).getOctets());
      signature = ASN1OctetString.getInstance(pair.getObjectAt(1)).getOctets();
    } catch (RuntimeException malformed) {
      // Bouncy Castle reports bad DER by several unchecked exceptions.
      throw new CertificateException("the certificate's host key cannot be read", malformed);
    }
    if (!key.verify(signed(certificate.getPublicKey().getEncoded()), signature)) {
      throw new CertificateException("the host key did not sign for this certificate");
    }
    return key;
  }

  static byte[] signed(byte[] subjectPublicKeyInfo) {
    byte[] message = new byte[SIGNED_PREFIX.length + subjectPublicKeyInfo.length];
    System.arraycopy(SIGNED_PREFIX, 0, message, 0, SIGNED_PREFIX.length);
    System.arraycopy(
        subjectPublicKeyInfo, 0, message, SIGNED_PREFIX.length, subjectPublicKeyInfo.length);
    return message;
  }
}
