package io.atoll.p2p.security.tls;

import io.atoll.core.identity.Identity;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.function.Supplier;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// The certificate that a node shows, of a key that is made with it and kept nowhere. One serves
/// all connections of the process.
public final class HostCertificate {
  /// Clocks of peers may be behind ours by so much.
  private static final Duration BEFORE = Duration.ofHours(1);

  private static final Duration AFTER = Duration.ofDays(100 * 365);
  private static final X500Name NAME = new X500Name("O=libp2p.io");
  private final PrivateKey key;
  private final X509Certificate certificate;

  private HostCertificate(PrivateKey key, X509Certificate certificate) {
    this.key = key;
    this.certificate = certificate;
  }

  public static HostCertificate of(Identity identity) {
    // Whoever shows one will be shown others.
    NamelessCertificates.install();
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      return new HostCertificate(pair.getPrivate(), certify(identity, pair, Instant.now()));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException("this Java platform cannot make a P-256 certificate", e);
    }
  }

  /// Made when it is first asked for: most nodes never speak TLS.
  public static Supplier<HostCertificate> whenNeeded(Identity identity) {
    return new Supplier<>() {
      private @Nullable HostCertificate made;

      @Override
      public synchronized HostCertificate get() {
        HostCertificate known = made;
        if (known == null) {
          known = of(identity);
          made = known;
        }
        return known;
      }
    };
  }

  static X509Certificate certify(Identity identity, KeyPair pair, Instant now)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    var builder =
        new JcaX509v3CertificateBuilder(
            NAME,
            new BigInteger(63, new SecureRandom()).add(BigInteger.ONE),
            Date.from(now.minus(BEFORE)),
            Date.from(now.plus(AFTER)),
            NAME,
            pair.getPublic());
    byte[] signature = identity.sign(PeerCertificate.signed(pair.getPublic().getEncoded()));
    builder.addExtension(
        PeerCertificate.EXTENSION,
        false,
        new DERSequence(
            new ASN1Encodable[] {
              new DEROctetString(identity.publicKey().encode()), new DEROctetString(signature)
            }));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
  }

  public X509Certificate certificate() {
    return certificate;
  }

  public PrivateKey key() {
    return key;
  }
}
