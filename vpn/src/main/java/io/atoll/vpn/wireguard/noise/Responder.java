package io.atoll.vpn.wireguard.noise;

import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The side that answers, in three steps, so that who asks is looked up before more is spent on it:
/// `read` says who it claims to be, `payload` proves it, `answer` ends the handshake.
public final class Responder {
  private static final int SEALED_STATIC = PublicKey.BYTES + 16;

  private final SymmetricState state;
  private final PublicKey initiator;
  private final byte[] ephemeral;
  private final byte[] sealedPayload;

  private Responder(
      SymmetricState state, PublicKey initiator, byte[] ephemeral, byte[] sealedPayload) {
    this.state = state;
    this.initiator = initiator;
    this.ephemeral = ephemeral;
    this.sealedPayload = sealedPayload;
  }

  /// Null for a message that is not meant for this key.
  ///
  /// @param message ephemeral point, sealed static point, sealed payload: 80 bytes at least
  public static @Nullable Responder read(
      AeadSuite suite, byte[] prologue, PrivateKey own, byte[] message) {
    byte[] e = Arrays.copyOf(message, PublicKey.BYTES);
    byte[] secret = own.agree(e);
    if (secret == null) {
      return null;
    }
    SymmetricState state = new SymmetricState(suite, prologue, own.publicKey().bytes());
    state.mixEphemeral(e);
    state.mixKey(secret);
    int at = PublicKey.BYTES + SEALED_STATIC;
    byte[] s = state.open(Arrays.copyOfRange(message, PublicKey.BYTES, at));
    if (s == null) {
      return null;
    }
    byte[] payload = Arrays.copyOfRange(message, at, message.length);
    return new Responder(state, new PublicKey(s), e, payload);
  }

  /// Who says to have sent the message; not proved yet.
  public PublicKey initiator() {
    return initiator;
  }

  /// What the message carries, and with it the proof; null if somebody else wrote it. Once only.
  ///
  /// @param shared what the two static keys agree on
  public byte @Nullable [] payload(byte[] shared) {
    state.mixKey(shared);
    return state.open(sealedPayload);
  }

  /// The answer and the keys; null if one of the initiator's points is of small order. Once only,
  /// after `payload`.
  public @Nullable Answer answer(PrivateKey fresh, PresharedKey preshared, byte[] payload) {
    byte[] ee = fresh.agree(ephemeral);
    byte[] se = fresh.agree(initiator.bytes());
    if (ee == null || se == null) {
      return null;
    }
    byte[] e = fresh.publicKey().bytes();
    state.mixEphemeral(e);
    state.mixKey(ee);
    state.mixKey(se);
    state.mixPresharedKey(preshared.secretBytes());
    byte[] message = Bytes.joined(e, state.seal(payload));
    byte[][] keys = state.split();
    return new Answer(message, new TransportKeys(keys[1], keys[0]));
  }

  /// @param message ephemeral point and sealed payload
  public record Answer(byte[] message, TransportKeys keys) {}
}
