package io.atoll.vpn.wireguard.noise;

import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The side that begins. `begin` writes the first message; `finish` reads the answer, as often as
/// somebody pretends to answer.
public final class Initiator {
  private final PrivateKey own;
  private final PrivateKey ephemeral;
  private final SymmetricState state;
  private final byte[] message;

  private Initiator(PrivateKey own, PrivateKey ephemeral, SymmetricState state, byte[] message) {
    this.own = own;
    this.ephemeral = ephemeral;
    this.state = state;
    this.message = message;
  }

  /// @param shared what the two static keys agree on
  /// @param payload a timestamp
  /// @return null if the responder's point is of small order
  public static @Nullable Initiator begin(
      AeadSuite suite,
      byte[] prologue,
      PrivateKey own,
      PublicKey responder,
      byte[] shared,
      PrivateKey ephemeral,
      byte[] payload) {
    byte[] point = responder.bytes();
    byte[] secret = ephemeral.agree(point);
    if (secret == null) {
      return null;
    }
    SymmetricState state = new SymmetricState(suite, prologue, point);
    byte[] e = ephemeral.publicKey().bytes();
    state.mixEphemeral(e);
    state.mixKey(secret);
    byte[] s = state.seal(own.publicKey().bytes());
    state.mixKey(shared);
    byte[] sealed = state.seal(payload);
    return new Initiator(own, ephemeral, state, Bytes.joined(e, s, sealed));
  }

  /// Ephemeral point, sealed static point, sealed payload.
  public byte[] message() {
    return message.clone();
  }

  /// Null for what is no answer of the responder to this message.
  ///
  /// @param answer ephemeral point and sealed payload
  public @Nullable TransportKeys finish(byte[] answer, PresharedKey preshared) {
    SymmetricState read = state.copy();
    if (read(read, answer, preshared) == null) {
      return null;
    }
    byte[][] keys = read.split();
    return new TransportKeys(keys[0], keys[1]);
  }

  /// The answer's payload; null for no answer. The state has then read it.
  byte @Nullable [] read(SymmetricState into, byte[] answer, PresharedKey preshared) {
    byte[] e = Arrays.copyOf(answer, PublicKey.BYTES);
    byte[] ee = ephemeral.agree(e);
    byte[] se = own.agree(e);
    if (ee == null || se == null) {
      return null;
    }
    into.mixEphemeral(e);
    into.mixKey(ee);
    into.mixKey(se);
    into.mixPresharedKey(preshared.secretBytes());
    return into.open(Arrays.copyOfRange(answer, PublicKey.BYTES, answer.length));
  }

  SymmetricState state() {
    return state.copy();
  }
}
