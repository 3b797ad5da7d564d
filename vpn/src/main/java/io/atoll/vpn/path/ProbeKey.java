package io.atoll.vpn.path;

import io.atoll.vpn.wireguard.crypto.Blake2s;
import java.nio.ByteBuffer;

/// What probes from one node to another are made with, in one direction of one network: an answer
/// of the one is no probe of the other, so nothing can be thrown back.
public final class ProbeKey {
  /// For what the two nodes derive the secret.
  public static final String PURPOSE = "atoll probe v1";

  private final byte[] secret;
  private final long id;

  private ProbeKey(byte[] secret, long id) {
    this.secret = secret;
    this.id = id;
  }

  /// @param secret of the two nodes in the network, for [#PURPOSE]
  /// @param from the public key of whoever sends
  public static ProbeKey of(byte[] secret, byte[] from, byte[] to) {
    byte[][] keys = Blake2s.kdf(2, Blake2s.hash(from, to), secret);
    return new ProbeKey(keys[0], ByteBuffer.wrap(keys[1]).getLong());
  }

  /// By which the receiver finds the key; it tells a stranger nothing.
  public long id() {
    return id;
  }

  byte[] mac(byte[] message, int length) {
    return Blake2s.mac(secret, message, length);
  }

  /// What an address is hidden with, so that neither a gateway changes it nor anybody reads it.
  byte[] pad(long token, int type) {
    return Blake2s.hash(secret, ByteBuffer.allocate(9).putLong(token).put((byte) type).array());
  }

  @Override
  public String toString() {
    return "ProbeKey[" + Long.toHexString(id) + "]";
  }
}
