package io.atoll.vpn.wireguard.crypto;

import java.util.Arrays;
import java.util.Base64;

/// A point of Curve25519 that names a peer, 32 bytes; as text in base64, as `wg` prints it.
public final class PublicKey {
  public static final int BYTES = 32;
  private final byte[] bytes;

  public PublicKey(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a WireGuard key has 32 bytes, not " + bytes.length);
    }
    this.bytes = bytes.clone();
  }

  public static PublicKey parse(String base64) {
    return new PublicKey(PrivateKey.decoded(base64));
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey key && Arrays.equals(key.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
