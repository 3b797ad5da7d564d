package io.atoll.p2p.transport.quic;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Connection ids that carry a mark which only this endpoint can make: packets that come with one
/// are of connections that it dialled. What others make up, and the ids of connections that it
/// accepted, do not carry it.
final class ConnectionIds {
  static final int BYTES = 20;
  private static final int MARK = 8;
  private static final int LONG_HEADER = 0x80;
  private static final int LENGTH_AT = 5;
  private static final SecureRandom RANDOM = new SecureRandom();
  private final SecretKeySpec key;

  ConnectionIds() {
    byte[] secret = new byte[32];
    RANDOM.nextBytes(secret);
    key = new SecretKeySpec(secret, "HmacSHA256");
  }

  byte[] next() {
    byte[] id = new byte[BYTES];
    RANDOM.nextBytes(id);
    System.arraycopy(mark(id), 0, id, BYTES - MARK, MARK);
    return id;
  }

  /// Whether the id that a packet is addressed to carries the mark. Does not move its position.
  boolean marked(ByteBuffer packet) {
    int at = packet.position() + 1;
    int left = packet.remaining() - 1;
    if (left >= 0 && (packet.get(packet.position()) & LONG_HEADER) != 0) {
      if (left < LENGTH_AT || packet.get(packet.position() + LENGTH_AT) != BYTES) {
        return false;
      }
      at += LENGTH_AT;
      left -= LENGTH_AT;
    }
    if (left < BYTES) {
      return false;
    }
    byte[] id = new byte[BYTES];
    packet.get(at, id);
    byte[] mark = new byte[MARK];
    System.arraycopy(id, BYTES - MARK, mark, 0, MARK);
    return MessageDigest.isEqual(mark(id), mark);
  }

  private byte[] mark(byte[] id) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(id, 0, BYTES - MARK);
      byte[] mark = new byte[MARK];
      System.arraycopy(mac.doFinal(), 0, mark, 0, MARK);
      return mark;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }
}
