package io.atoll.core.crypto;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAKey;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;

/// Verification for each type of key. Ed25519 and secp256k1 by Bouncy Castle (the first is several
/// times faster there, the second is not in the JDK), the others by the JDK.
final class Signatures {
  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 8192;

  private Signatures() {}

  static boolean verify(KeyType type, byte[] key, byte[] message, byte[] signature) {
    return switch (type) {
      case ED25519 -> Ed25519.verify(key, message, signature);
      case SECP256K1 -> secp256k1(key, message, signature);
      case RSA -> jdk("RSA", "SHA256withRSA", key, message, signature);
      case ECDSA -> jdk("EC", "SHA256withECDSA", key, message, signature);
    };
  }

  private static boolean jdk(
      String algorithm, String scheme, byte[] spki, byte[] message, byte[] signature) {
    try {
      java.security.PublicKey key =
          KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(spki));
      if (key instanceof RSAKey rsa) {
        int bits = rsa.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
          return false;
        }
      }
      Signature verifier = Signature.getInstance(scheme);
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException malformed) {
      return false;
    }
  }

  private static boolean secp256k1(byte[] key, byte[] message, byte[] signature) {
    try {
      X9ECParameters curve = CustomNamedCurves.getByName("secp256k1");
      var domain = new ECDomainParameters(curve);
      var verifier = new ECDSASigner();
      verifier.init(false, new ECPublicKeyParameters(curve.getCurve().decodePoint(key), domain));
      BigInteger[] rs = StandardDSAEncoding.INSTANCE.decode(domain.getN(), signature);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(message);
      return verifier.verifySignature(digest, rs[0], rs[1]);
    } catch (IOException | GeneralSecurityException | RuntimeException malformed) {
      // Bouncy Castle reports a bad point or bad DER by several unchecked exceptions.
      return false;
    }
  }
}
