package io.atoll.vpn.wireguard.crypto;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The JDK's own, which is everywhere, a third slower than libcrypto, and leaves garbage behind.
final class JcaSuite implements AeadSuite {
  private static final String CIPHER = "ChaCha20-Poly1305";

  @Override
  public String name() {
    return "jdk";
  }

  @Override
  public Aead key(byte[] key) {
    return new JcaAead(key);
  }

  @Override
  public byte[] seal(byte[] key, long counter, byte[] associated, byte[] plain) {
    try {
      return cipher(Cipher.ENCRYPT_MODE, key, counter, associated).doFinal(plain);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public byte @Nullable [] open(byte[] key, long counter, byte[] associated, byte[] sealed) {
    if (sealed.length < Aead.TAG) {
      return null;
    }
    try {
      return cipher(Cipher.DECRYPT_MODE, key, counter, associated).doFinal(sealed);
    } catch (AEADBadTagException e) {
      return null;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Cipher cipher(int mode, byte[] key, long counter, byte[] associated)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(nonce(counter)));
    cipher.updateAAD(associated);
    return cipher;
  }

  private static byte[] nonce(long counter) {
    return ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(4, counter).array();
  }

  private static final class JcaAead implements Aead {
    private final SecretKeySpec key;
    private Cipher cipher = fresh();
    private boolean used;
    private long last;
    private byte[] in = new byte[0];
    private byte[] out = new byte[TAG];

    JcaAead(byte[] key) {
      this.key = new SecretKeySpec(key, "ChaCha20");
    }

    @Override
    public void seal(long counter, long from, int length, long to) {
      try {
        run(Cipher.ENCRYPT_MODE, counter, from, length, to);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public boolean open(long counter, long from, int length, long to) {
      if (length < TAG) {
        return false;
      }
      try {
        run(Cipher.DECRYPT_MODE, counter, from, length, to);
        return true;
      } catch (AEADBadTagException e) {
        return false;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    private void run(int mode, long counter, long from, int length, long to)
        throws GeneralSecurityException {
      if (in.length < length) {
        in = new byte[length];
        out = new byte[length + TAG];
      }
      if (used && counter == last) {
        // A cipher refuses the nonce that it had before, though a packet may come twice.
        cipher = fresh();
      }
      used = true;
      last = counter;
      Memory.copy(from, in, length);
      cipher.init(mode, key, new IvParameterSpec(nonce(counter)));
      int done = cipher.doFinal(in, 0, length, out, 0);
      Memory.copy(out, to, done);
    }

    private static Cipher fresh() {
      try {
        return Cipher.getInstance(CIPHER);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      Arrays.fill(in, (byte) 0);
      Arrays.fill(out, (byte) 0);
    }
  }
}
