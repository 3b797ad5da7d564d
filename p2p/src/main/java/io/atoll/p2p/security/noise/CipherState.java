package io.atoll.p2p.security.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// A key and the count of what it has sealed or opened (Noise §5.1). For one thread and one
/// direction.
final class CipherState {
  static final int TAG = 16;
  private final SecretKeySpec key;
  private final Cipher cipher;
  private final byte[] nonce = new byte[12];
  private long count;

  CipherState(byte[] key) throws GeneralSecurityException {
    this.key = new SecretKeySpec(key, "ChaCha20");
    this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
  }

  /// @return how many bytes were written to `out`
  int seal(byte[] associated, byte[] in, int offset, int length, byte[] out, int outOffset)
      throws GeneralSecurityException {
    return run(Cipher.ENCRYPT_MODE, associated, in, offset, length, out, outOffset);
  }

  /// @throws GeneralSecurityException if a single bit is not as it was sealed
  int open(byte[] associated, byte[] in, int offset, int length, byte[] out, int outOffset)
      throws GeneralSecurityException {
    return run(Cipher.DECRYPT_MODE, associated, in, offset, length, out, outOffset);
  }

  private int run(
      int mode, byte[] associated, byte[] in, int offset, int length, byte[] out, int outOffset)
      throws GeneralSecurityException {
    if (count == -1L) {
      throw new GeneralSecurityException("a Noise key is used up");
    }
    ByteBuffer.wrap(nonce).order(ByteOrder.LITTLE_ENDIAN).putLong(4, count++);
    cipher.init(mode, key, new IvParameterSpec(nonce));
    if (associated.length > 0) {
      cipher.updateAAD(associated);
    }
    return cipher.doFinal(in, offset, length, out, outOffset);
  }
}
