package io.atoll.core.crypto;

import java.security.SecureRandom;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/// Ed25519 of RFC 8032 on raw bytes: seeds and public keys of 32, signatures of 64.
public final class Ed25519 {
  public static final int SEED_BYTES = 32;
  public static final int KEY_BYTES = 32;
  private static final int SIGNATURE_BYTES = 64;

  private Ed25519() {}

  public static byte[] newSeed() {
    byte[] seed = new byte[SEED_BYTES];
    new SecureRandom().nextBytes(seed);
    return seed;
  }

  public static byte[] publicKey(byte[] seed) {
    return new Ed25519PrivateKeyParameters(checked(seed)).generatePublicKey().getEncoded();
  }

  public static byte[] sign(byte[] seed, byte[] message) {
    var signer = new Ed25519Signer();
    signer.init(true, new Ed25519PrivateKeyParameters(checked(seed)));
    signer.update(message, 0, message.length);
    return signer.generateSignature();
  }

  public static boolean verify(byte[] key, byte[] message, byte[] signature) {
    if (key.length != KEY_BYTES || signature.length != SIGNATURE_BYTES) {
      return false;
    }
    try {
      var verifier = new Ed25519Signer();
      verifier.init(false, new Ed25519PublicKeyParameters(key));
      verifier.update(message, 0, message.length);
      return verifier.verifySignature(signature);
    } catch (IllegalArgumentException notAPoint) {
      return false;
    }
  }

  private static byte[] checked(byte[] seed) {
    if (seed.length != SEED_BYTES) {
      throw new IllegalArgumentException("an Ed25519 seed has 32 bytes");
    }
    return seed;
  }
}
