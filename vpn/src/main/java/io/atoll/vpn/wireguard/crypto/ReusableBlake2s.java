package io.atoll.vpn.wireguard.crypto;

import org.bouncycastle.crypto.digests.Blake2sDigest;

/// The same as [Blake2s], for what is summed again and again: what one message takes serves for the
/// next. One thread.
public final class ReusableBlake2s {
  private final Blake2sDigest digest;

  private ReusableBlake2s(Blake2sDigest digest) {
    this.digest = digest;
  }

  /// As [Blake2s#hash], of 32 bytes.
  public static ReusableBlake2s hash() {
    return new ReusableBlake2s(new Blake2sDigest(Blake2s.HASH * 8));
  }

  /// As [Blake2s#mac], of 16 bytes.
  public static ReusableBlake2s mac(byte[] key) {
    return new ReusableBlake2s(new Blake2sDigest(key, Blake2s.MAC, null, null));
  }

  /// Sums the first bytes of a message.
  ///
  /// @param into where the sum goes, perhaps behind what was summed
  public void sum(byte[] message, int length, byte[] into, int at) {
    digest.update(message, 0, length);
    digest.doFinal(into, at);
  }
}
