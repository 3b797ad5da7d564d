package io.atoll.vpn.wireguard.crypto;

import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;

/// HASH, MAC and KDF of WireGuard (whitepaper §5.4).
public final class Blake2s {
  public static final int HASH = 32;
  public static final int MAC = 16;

  private Blake2s() {}

  /// BLAKE2s of all parts, one behind the other.
  public static byte[] hash(byte[]... parts) {
    Blake2sDigest digest = new Blake2sDigest(HASH * 8);
    for (byte[] part : parts) {
      digest.update(part, 0, part.length);
    }
    byte[] hash = new byte[HASH];
    digest.doFinal(hash, 0);
    return hash;
  }

  /// Keyed BLAKE2s of 16 bytes over the first bytes of a message.
  public static byte[] mac(byte[] key, byte[] message, int length) {
    Blake2sDigest digest = new Blake2sDigest(key, MAC, null, null);
    digest.update(message, 0, length);
    byte[] mac = new byte[MAC];
    digest.doFinal(mac, 0);
    return mac;
  }

  /// HKDF with HMAC-BLAKE2s: as many keys as wanted, at most three.
  public static byte[][] kdf(int count, byte[] chainingKey, byte[] input) {
    byte[] temporary = hmac(chainingKey, input);
    byte[][] keys = new byte[count][];
    byte[] before = new byte[0];
    for (int i = 0; i < count; i++) {
      byte[] block = java.util.Arrays.copyOf(before, before.length + 1);
      block[before.length] = (byte) (i + 1);
      before = hmac(temporary, block);
      keys[i] = before;
    }
    return keys;
  }

  private static byte[] hmac(byte[] key, byte[] data) {
    HMac mac = new HMac(new Blake2sDigest(HASH * 8));
    mac.init(new KeyParameter(key));
    mac.update(data, 0, data.length);
    byte[] result = new byte[HASH];
    mac.doFinal(result, 0);
    return result;
  }
}
