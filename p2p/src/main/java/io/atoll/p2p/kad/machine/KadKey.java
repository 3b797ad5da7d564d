package io.atoll.p2p.kad.machine;

import io.atoll.core.identity.PeerId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;

/// A point of the key space: the SHA-256 of a peer id's multihash, a record's key or a provider
/// key, as four big-endian words.
public record KadKey(long w0, long w1, long w2, long w3) {
  public static final int BITS = 256;

  public static KadKey of(byte[] preimage) {
    try {
      ByteBuffer hash = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(preimage));
      return new KadKey(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  public static KadKey of(PeerId peer) {
    return of(peer.bytes());
  }

  /// Which of the two is nearer to this one: negative if `a` is.
  public int nearer(KadKey a, KadKey b) {
    int order = Long.compareUnsigned(w0 ^ a.w0, w0 ^ b.w0);
    if (order == 0) {
      order = Long.compareUnsigned(w1 ^ a.w1, w1 ^ b.w1);
    }
    if (order == 0) {
      order = Long.compareUnsigned(w2 ^ a.w2, w2 ^ b.w2);
    }
    return order != 0 ? order : Long.compareUnsigned(w3 ^ a.w3, w3 ^ b.w3);
  }

  /// Nearest first.
  public Comparator<KadKey> nearest() {
    return this::nearer;
  }

  /// The length of the prefix that both have, in bits.
  public int sharedBits(KadKey other) {
    if (w0 != other.w0) {
      return Long.numberOfLeadingZeros(w0 ^ other.w0);
    }
    if (w1 != other.w1) {
      return 64 + Long.numberOfLeadingZeros(w1 ^ other.w1);
    }
    if (w2 != other.w2) {
      return 128 + Long.numberOfLeadingZeros(w2 ^ other.w2);
    }
    return 192 + Long.numberOfLeadingZeros(w3 ^ other.w3);
  }
}
