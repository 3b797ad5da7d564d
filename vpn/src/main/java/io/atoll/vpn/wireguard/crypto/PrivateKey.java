package io.atoll.vpn.wireguard.crypto;

import java.security.SecureRandom;
import java.util.Base64;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.jspecify.annotations.Nullable;

/// A scalar of Curve25519 and its point. Never prints.
public final class PrivateKey {
  private final byte[] scalar;
  private final PublicKey publicKey;

  public PrivateKey(byte[] scalar) {
    if (scalar.length != PublicKey.BYTES) {
      throw new IllegalArgumentException("a WireGuard key has 32 bytes, not " + scalar.length);
    }
    this.scalar = scalar.clone();
    byte[] point = new byte[PublicKey.BYTES];
    X25519.generatePublicKey(this.scalar, 0, point, 0);
    this.publicKey = new PublicKey(point);
  }

  public static PrivateKey random(SecureRandom random) {
    byte[] scalar = new byte[PublicKey.BYTES];
    random.nextBytes(scalar);
    return new PrivateKey(scalar);
  }

  /// As `wg genkey` prints it.
  public static PrivateKey parse(String base64) {
    return new PrivateKey(decoded(base64));
  }

  static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64.strip());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a WireGuard key is 32 bytes in base64", e);
    }
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  /// As `wg` and files want it, and no log.
  public byte[] secretBytes() {
    return scalar.clone();
  }

  /// The shared secret; null for a point of small order, with which it would be known to all.
  public byte @Nullable [] agree(byte[] point) {
    byte[] secret = new byte[PublicKey.BYTES];
    return X25519.calculateAgreement(scalar, 0, point, 0, secret, 0) ? secret : null;
  }

  @Override
  public String toString() {
    return "PrivateKey[of " + publicKey + "]";
  }
}
