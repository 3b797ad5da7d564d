package io.atoll.vpn.wireguard.noise;

import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.Blake2s;
import io.atoll.vpn.wireguard.crypto.XChaCha;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/// Gives each source a cookie, and remembers none: they follow from a secret that is new every two
/// minutes. One for all identities, so that who returns one needs no search for its identity first.
///
/// Used by one thread at a time.
public final class CookieSecret {
  private static final long LIFE_NANOS = 120_000_000_000L;

  private final AeadSuite suite;
  private final RandomGenerator random;
  private byte[] secret = new byte[0];
  private long born;

  /// @param random that nobody can guess
  public CookieSecret(AeadSuite suite, RandomGenerator random) {
    this.suite = suite;
    this.random = random;
  }

  public byte[] cookie(long now, byte[] source) {
    if (secret.length == 0 || now - born >= LIFE_NANOS || now - born < 0) {
      secret = bytes(Blake2s.HASH);
      born = now;
    }
    return Blake2s.mac(secret, source, source.length);
  }

  /// The answer to an initiation or response whose mac1 fits, by the macs of whom it was for.
  public byte[] reply(byte[] message, Macs macs, byte[] cookie) {
    int sender = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    byte[] nonce = bytes(XChaCha.NONCE);
    byte[] sealed = XChaCha.seal(suite, macs.cookieKey(), nonce, Macs.mac1(message), cookie);
    return new Message.CookieReply(sender, nonce, sealed).bytes();
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
