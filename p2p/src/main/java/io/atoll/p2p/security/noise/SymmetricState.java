package io.atoll.p2p.security.noise;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Chaining key and transcript hash of a handshake (Noise §5.2).
final class SymmetricState {
  private static final byte[] NONE = new byte[0];
  private byte[] chainingKey;
  private byte[] hash;
  private @Nullable CipherState cipher;

  SymmetricState(String protocolName) throws GeneralSecurityException {
    byte[] name = protocolName.getBytes(StandardCharsets.US_ASCII);
    hash = name.length <= 32 ? Arrays.copyOf(name, 32) : sha256(name, NONE);
    chainingKey = hash;
  }

  void mixHash(byte[] data) throws GeneralSecurityException {
    hash = sha256(hash, data);
  }

  void mixKey(byte[] input) throws GeneralSecurityException {
    byte[][] keys = hkdf(input);
    chainingKey = keys[0];
    cipher = new CipherState(keys[1]);
  }

  byte[] encryptAndHash(byte[] plain) throws GeneralSecurityException {
    byte[] sealed = plain;
    if (cipher != null) {
      sealed = new byte[plain.length + CipherState.TAG];
      cipher.seal(hash, plain, 0, plain.length, sealed, 0);
    }
    mixHash(sealed);
    return sealed;
  }

  byte[] decryptAndHash(byte[] sealed) throws GeneralSecurityException {
    byte[] plain = sealed;
    if (cipher != null) {
      if (sealed.length < CipherState.TAG) {
        throw new GeneralSecurityException("shorter than its tag");
      }
      plain = new byte[sealed.length - CipherState.TAG];
      cipher.open(hash, sealed, 0, sealed.length, plain, 0);
    }
    mixHash(sealed);
    return plain;
  }

  /// The two keys of what follows: from the initiator, from the responder.
  CipherState[] split() throws GeneralSecurityException {
    byte[][] keys = hkdf(NONE);
    return new CipherState[] {new CipherState(keys[0]), new CipherState(keys[1])};
  }

  private byte[][] hkdf(byte[] input) throws GeneralSecurityException {
    byte[] temp = hmac(chainingKey, input);
    byte[] first = hmac(temp, new byte[] {1});
    byte[] again = Arrays.copyOf(first, 33);
    again[32] = 2;
    return new byte[][] {first, hmac(temp, again)};
  }

  private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(data);
  }

  private static byte[] sha256(byte[] first, byte[] second) throws GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(first);
    return digest.digest(second);
  }
}
