package io.atoll.vpn.wireguard.crypto;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// XChaCha20-Poly1305, with which cookies are sealed: its nonces of 24 bytes may be random.
///
/// No library here has it, but what makes it one of ChaCha20-Poly1305: HChaCha20 is ChaCha20's
/// block without the last addition of the input, which the block's output lets one take away again
/// (draft-irtf-cfrg-xchacha §2.2).
public final class XChaCha {
  public static final int NONCE = 24;
  private static final int[] CONSTANTS = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

  private XChaCha() {}

  public static byte[] seal(
      AeadSuite suite, byte[] key, byte[] nonce, byte[] associated, byte[] plain) {
    return suite.seal(subkey(key, nonce), counter(nonce), associated, plain);
  }

  public static byte @Nullable [] open(
      AeadSuite suite, byte[] key, byte[] nonce, byte[] associated, byte[] sealed) {
    return suite.open(subkey(key, nonce), counter(nonce), associated, sealed);
  }

  private static long counter(byte[] nonce) {
    return ByteBuffer.wrap(nonce).order(ByteOrder.LITTLE_ENDIAN).getLong(16);
  }

  /// HChaCha20 of the key and the first 16 bytes of the nonce.
  static byte[] subkey(byte[] key, byte[] nonce) {
    ByteBuffer input = ByteBuffer.wrap(nonce).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer block = ByteBuffer.wrap(block(key, nonce, input.getInt(0)));
    block.order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer subkey = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 4; i++) {
      subkey.putInt(4 * i, block.getInt(4 * i) - CONSTANTS[i]);
      subkey.putInt(16 + 4 * i, block.getInt(48 + 4 * i) - input.getInt(4 * i));
    }
    return subkey.array();
  }

  private static byte[] block(byte[] key, byte[] nonce, int counter) {
    try {
      Cipher cipher = Cipher.getInstance("ChaCha20");
      byte[] rest = Arrays.copyOfRange(nonce, 4, 16);
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(key, "ChaCha20"),
          new ChaCha20ParameterSpec(rest, counter));
      return cipher.doFinal(new byte[64]);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
