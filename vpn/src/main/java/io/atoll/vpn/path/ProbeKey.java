package io.atoll.vpn.path;

import io.atoll.vpn.wireguard.crypto.Blake2s;
import io.atoll.vpn.wireguard.crypto.ReusableBlake2s;
import java.nio.ByteBuffer;

/// What probes from one node to another are made with, in one direction of one network: an answer
/// of the one is no probe of the other, so nothing can be thrown back. One thread.
public final class ProbeKey {
  /// For what the two nodes derive the secret.
  public static final String PURPOSE = "atoll probe v1";

  private final byte[] secret;
  private final long id;
  private final ReusableBlake2s macs;

  private ProbeKey(byte[] secret, long id) {
    this.secret = secret;
    this.id = id;
    this.macs = ReusableBlake2s.mac(secret);
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

  /// @param into where the 16 bytes go
  void mac(byte[] message, int length, byte[] into, int at) {
    macs.sum(message, length, into, at);
  }

  byte[] secret() {
    return secret;
  }

  @Override
  public String toString() {
    return "ProbeKey[" + Long.toHexString(id) + "]";
  }
}
