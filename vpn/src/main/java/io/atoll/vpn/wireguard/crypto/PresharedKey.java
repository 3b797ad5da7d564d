package io.atoll.vpn.wireguard.crypto;

import java.util.Arrays;

/// A secret that two peers have beside their keys; all zeros where they have none. Never prints.
public final class PresharedKey {
  public static final PresharedKey NONE = new PresharedKey(new byte[PublicKey.BYTES]);
  private final byte[] bytes;

  public PresharedKey(byte[] bytes) {
    if (bytes.length != PublicKey.BYTES) {
      throw new IllegalArgumentException("a pre-shared key has 32 bytes, not " + bytes.length);
    }
    this.bytes = bytes.clone();
  }

  /// As `wg genpsk` prints it.
  public static PresharedKey parse(String base64) {
    return new PresharedKey(PrivateKey.decoded(base64));
  }

  public byte[] secretBytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PresharedKey key && Arrays.equals(key.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "PresharedKey[hidden]";
  }
}
