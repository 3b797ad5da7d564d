package io.atoll.p2p.security.noise;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;

/// X25519 of RFC 7748 on raw 32-byte keys, by the JDK.
final class X25519 {
  static final int BYTES = 32;
  private static final byte[] BASE_POINT = basePoint();

  /// A private scalar and its public point.
  record Pair(byte[] scalar, byte[] point) {
    @Override
    public String toString() {
      return "Pair[hidden]";
    }
  }

  private X25519() {}

  static Pair newPair() throws GeneralSecurityException {
    byte[] scalar = new byte[BYTES];
    new SecureRandom().nextBytes(scalar);
    return pair(scalar);
  }

  static Pair pair(byte[] scalar) throws GeneralSecurityException {
    return new Pair(scalar, agree(scalar, BASE_POINT));
  }

  /// @throws GeneralSecurityException if the point is of small order, so that the secret would be
  ///     known to all
  static byte[] agree(byte[] scalar, byte[] point) throws GeneralSecurityException {
    KeyFactory factory = KeyFactory.getInstance("X25519");
    PrivateKey own =
        factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar));
    PublicKey theirs =
        factory.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, coordinate(point)));
    KeyAgreement agreement = KeyAgreement.getInstance("X25519");
    agreement.init(own);
    agreement.doPhase(theirs, true);
    return agreement.generateSecret();
  }

  /// Little-endian, its highest bit ignored.
  private static BigInteger coordinate(byte[] point) {
    byte[] bigEndian = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bigEndian[i] = point[BYTES - 1 - i];
    }
    bigEndian[0] &= 0x7f;
    return new BigInteger(1, bigEndian);
  }

  private static byte[] basePoint() {
    byte[] point = new byte[BYTES];
    point[0] = 9;
    return point;
  }
}
