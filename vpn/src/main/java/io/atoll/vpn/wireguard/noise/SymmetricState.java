package io.atoll.vpn.wireguard.noise;

import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.Blake2s;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Chaining key and transcript hash of a handshake (Noise §5.2). In this handshake each key seals
/// one message, so the nonce is always zero.
final class SymmetricState {
  private static final byte[] PROTOCOL =
      "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NONE = new byte[0];

  private final AeadSuite suite;
  private byte[] chainingKey;
  private byte[] hash;
  private byte[] key = NONE;

  /// Up to where both sides know the responder's point.
  SymmetricState(AeadSuite suite, byte[] prologue, byte[] responder) {
    this.suite = suite;
    this.chainingKey = Blake2s.hash(PROTOCOL);
    this.hash = Blake2s.hash(chainingKey, prologue);
    mixHash(responder);
  }

  private SymmetricState(SymmetricState other) {
    this.suite = other.suite;
    this.chainingKey = other.chainingKey.clone();
    this.hash = other.hash;
    this.key = other.key.clone();
  }

  /// What is tried on it may fail and be tried again on this.
  SymmetricState copy() {
    return new SymmetricState(this);
  }

  void mixHash(byte[] data) {
    hash = Blake2s.hash(hash, data);
  }

  /// The token `e` with a pre-shared key: the point goes into the hash and the key.
  void mixEphemeral(byte[] point) {
    mixHash(point);
    chainingKey = Blake2s.kdf(1, chainingKey, point)[0];
  }

  void mixKey(byte[] secret) {
    byte[][] keys = Blake2s.kdf(2, chainingKey, secret);
    chainingKey = keys[0];
    key = keys[1];
  }

  /// The token `psk`.
  void mixPresharedKey(byte[] secret) {
    byte[][] keys = Blake2s.kdf(3, chainingKey, secret);
    chainingKey = keys[0];
    mixHash(keys[1]);
    key = keys[2];
  }

  byte[] seal(byte[] plain) {
    byte[] sealed = suite.seal(key, 0, hash, plain);
    mixHash(sealed);
    return sealed;
  }

  /// Null, and nothing changed, for what was not sealed in the same state.
  byte @Nullable [] open(byte[] sealed) {
    byte[] plain = suite.open(key, 0, hash, sealed);
    if (plain != null) {
      mixHash(sealed);
    }
    return plain;
  }

  /// The keys of what follows: from the initiator, from the responder. The state is of no use
  /// afterwards.
  byte[][] split() {
    byte[][] keys = Blake2s.kdf(2, chainingKey, NONE);
    Arrays.fill(chainingKey, (byte) 0);
    Arrays.fill(key, (byte) 0);
    return keys;
  }

  /// Of all that was said so far; only tests with published vectors want it.
  byte[] hash() {
    return hash.clone();
  }
}
