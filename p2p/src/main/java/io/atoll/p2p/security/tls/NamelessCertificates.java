package io.atoll.p2p.security.tls;

import java.io.InputStream;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertPath;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateFactorySpi;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.util.Properties;
import org.jspecify.annotations.Nullable;

/// Lets the JDK's TLS read certificates whose issuer has no name, which js-libp2p shows and the JDK
/// refuses. The JDK takes its reader of certificates from the first provider of the process, and
/// from nowhere else: so there is one in front that asks the JDK's own reader, and where that
/// refuses a certificate that carries the extension of libp2p, Bouncy Castle's. For everything else
/// in the process nothing changes.
final class NamelessCertificates extends Provider {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "AtollNamelessCertificates";
  private static final String TYPE = "X.509";

  private NamelessCertificates() {
    super(NAME, "1", "certificates of libp2p whose issuer has no name");
    putService(
        new Service(this, "CertificateFactory", TYPE, Reader.class.getName(), List.of(), Map.of()) {
          @Override
          public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
            try {
              return new Reader();
            } catch (CertificateException | java.security.NoSuchProviderException e) {
              throw new NoSuchAlgorithmException("the JDK reads no certificates", e);
            }
          }
        });
  }

  /// Has an effect once in a process.
  static void install() {
    if (Security.getProvider(NAME) == null) {
      Security.insertProviderAt(new NamelessCertificates(), 1);
    }
  }

  private static final class Lenient {
    static final Provider PROVIDER = new BouncyCastleProvider();
  }

  /// Not for use by name.
  static final class Reader extends CertificateFactorySpi {
    private static final int LARGEST = 64 << 10;
    private final CertificateFactory jdk = CertificateFactory.getInstance(TYPE, "SUN");

    Reader() throws CertificateException, java.security.NoSuchProviderException {}

    @Override
    public Certificate engineGenerateCertificate(InputStream in) throws CertificateException {
      if (!in.markSupported()) {
        return jdk.generateCertificate(in);
      }
      in.mark(LARGEST);
      try {
        return jdk.generateCertificate(in);
      } catch (CertificateException refused) {
        try {
          in.reset();
          X509Certificate read = lenient(in);
          if (read.getExtensionValue(PeerCertificate.EXTENSION.getId()) != null) {
            return read;
          }
        } catch (java.io.IOException | CertificateException | RuntimeException unreadable) {
          refused.addSuppressed(unreadable);
        }
        throw refused;
      }
    }

    /// Bouncy Castle takes a nameless issuer where the thread that reads says so.
    private static X509Certificate lenient(InputStream in) throws CertificateException {
      Properties.setThreadOverride(Properties.X509_ALLOW_EMPTY_ISSUER_CERT, true);
      try {
        return (X509Certificate)
            CertificateFactory.getInstance(TYPE, Lenient.PROVIDER).generateCertificate(in);
      } finally {
        Properties.removeThreadOverride(Properties.X509_ALLOW_EMPTY_ISSUER_CERT);
      }
    }

    @Override
    public Collection<? extends Certificate> engineGenerateCertificates(InputStream in)
        throws CertificateException {
      return jdk.generateCertificates(in);
    }

    @Override
    public CRL engineGenerateCRL(InputStream in) throws CRLException {
      return jdk.generateCRL(in);
    }

    @Override
    public Collection<? extends CRL> engineGenerateCRLs(InputStream in) throws CRLException {
      return jdk.generateCRLs(in);
    }

    @Override
    public CertPath engineGenerateCertPath(InputStream in) throws CertificateException {
      return jdk.generateCertPath(in);
    }

    @Override
    public CertPath engineGenerateCertPath(InputStream in, String encoding)
        throws CertificateException {
      return jdk.generateCertPath(in, encoding);
    }

    @Override
    public CertPath engineGenerateCertPath(List<? extends Certificate> certificates)
        throws CertificateException {
      return jdk.generateCertPath(certificates);
    }

    @Override
    public Iterator<String> engineGetCertPathEncodings() {
      return jdk.getCertPathEncodings();
    }
  }
}
