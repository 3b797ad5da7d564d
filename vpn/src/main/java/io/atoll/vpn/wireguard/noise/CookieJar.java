package io.atoll.vpn.wireguard.noise;

import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import io.atoll.vpn.wireguard.crypto.XChaCha;
import org.jspecify.annotations.Nullable;

/// Stamps what goes to one peer, with the cookie that the peer gave if there is one. Whoever owns
/// the peer has a lock for it.
public final class CookieJar {
  private static final long LIFE_NANOS = 120_000_000_000L;

  private final AeadSuite suite;
  private final Macs macs;
  private byte @Nullable [] cookie;
  private long cookieBorn;
  private byte @Nullable [] lastMac1;

  public CookieJar(AeadSuite suite, PublicKey peer) {
    this.suite = suite;
    this.macs = new Macs(peer);
  }

  /// Puts both macs at the end of an initiation or a response.
  public void stamp(long now, byte[] message) {
    macs.putMac1(message);
    lastMac1 = Macs.mac1(message);
    if (cookie != null && now - cookieBorn < LIFE_NANOS) {
      Macs.putMac2(message, cookie);
    }
  }

  /// Whether this is the peer's answer to what was stamped last; its cookie is then kept.
  public boolean take(long now, Message.CookieReply reply) {
    if (lastMac1 == null) {
      return false;
    }
    byte[] opened = XChaCha.open(suite, macs.cookieKey(), reply.nonce(), lastMac1, reply.sealed());
    if (opened == null) {
      return false;
    }
    cookie = opened;
    cookieBorn = now;
    // One answer for each message: a copy of it changes nothing.
    lastMac1 = null;
    return true;
  }
}
