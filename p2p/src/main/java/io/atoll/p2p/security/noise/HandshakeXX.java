package io.atoll.p2p.security.noise;

import io.atoll.p2p.transport.Role;
import java.security.GeneralSecurityException;
import java.util.Arrays;

/// The XX pattern as a machine without I/O: the three messages, written and read in turn.
final class HandshakeXX {
  private static final String NAME = "Noise_XX_25519_ChaChaPoly_SHA256";
  private static final int SEALED_KEY = X25519.BYTES + CipherState.TAG;
  private final SymmetricState state = new SymmetricState(NAME);
  private final Role role;
  private final X25519.Pair own;
  private final X25519.Pair ephemeral;
  private byte[] remoteEphemeral = new byte[0];
  private byte[] remoteStatic = new byte[0];

  HandshakeXX(Role role, X25519.Pair own, X25519.Pair ephemeral) throws GeneralSecurityException {
    this.role = role;
    this.own = own;
    this.ephemeral = ephemeral;
    state.mixHash(new byte[0]);
  }

  byte[] writeFirst(byte[] payload) throws GeneralSecurityException {
    state.mixHash(ephemeral.point());
    return join(ephemeral.point(), state.encryptAndHash(payload));
  }

  byte[] readFirst(byte[] message) throws GeneralSecurityException {
    byte[] rest = takeEphemeral(message);
    return state.decryptAndHash(rest);
  }

  byte[] writeSecond(byte[] payload) throws GeneralSecurityException {
    state.mixHash(ephemeral.point());
    state.mixKey(X25519.agree(ephemeral.scalar(), remoteEphemeral));
    byte[] sealedKey = state.encryptAndHash(own.point());
    state.mixKey(X25519.agree(own.scalar(), remoteEphemeral));
    return join(ephemeral.point(), sealedKey, state.encryptAndHash(payload));
  }

  byte[] readSecond(byte[] message) throws GeneralSecurityException {
    byte[] rest = takeEphemeral(message);
    state.mixKey(X25519.agree(ephemeral.scalar(), remoteEphemeral));
    rest = takeStatic(rest);
    state.mixKey(X25519.agree(ephemeral.scalar(), remoteStatic));
    return state.decryptAndHash(rest);
  }

  byte[] writeThird(byte[] payload) throws GeneralSecurityException {
    byte[] sealedKey = state.encryptAndHash(own.point());
    state.mixKey(X25519.agree(own.scalar(), remoteEphemeral));
    return join(sealedKey, state.encryptAndHash(payload));
  }

  byte[] readThird(byte[] message) throws GeneralSecurityException {
    byte[] rest = takeStatic(message);
    state.mixKey(X25519.agree(ephemeral.scalar(), remoteStatic));
    return state.decryptAndHash(rest);
  }

  byte[] remoteStatic() {
    return remoteStatic;
  }

  /// What follows the third message: the cipher to send with, and the one to receive with.
  Ciphers split() throws GeneralSecurityException {
    CipherState[] both = state.split();
    return switch (role) {
      case INITIATOR -> new Ciphers(both[0], both[1]);
      case RESPONDER -> new Ciphers(both[1], both[0]);
    };
  }

  record Ciphers(CipherState send, CipherState receive) {}

  private byte[] takeEphemeral(byte[] message) throws GeneralSecurityException {
    remoteEphemeral = take(message, X25519.BYTES);
    state.mixHash(remoteEphemeral);
    return Arrays.copyOfRange(message, X25519.BYTES, message.length);
  }

  private byte[] takeStatic(byte[] message) throws GeneralSecurityException {
    remoteStatic = state.decryptAndHash(take(message, SEALED_KEY));
    return Arrays.copyOfRange(message, SEALED_KEY, message.length);
  }

  private static byte[] take(byte[] message, int length) throws GeneralSecurityException {
    if (message.length < length) {
      throw new GeneralSecurityException("a handshake message is cut off");
    }
    return Arrays.copyOf(message, length);
  }

  private static byte[] join(byte[]... pieces) {
    int length = Arrays.stream(pieces).mapToInt(piece -> piece.length).sum();
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] piece : pieces) {
      System.arraycopy(piece, 0, all, at, piece.length);
      at += piece.length;
    }
    return all;
  }
}
