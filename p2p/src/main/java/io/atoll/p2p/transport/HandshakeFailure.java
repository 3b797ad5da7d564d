package io.atoll.p2p.transport;

import java.io.EOFException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;

/// Why a handshake that somebody else began made no connection.
public enum HandshakeFailure {
  /// As many were under way as may be, of that host or of all.
  TOO_MANY("handshake-too-many"),

  /// It was not through in time.
  TIMEOUT("handshake-timeout"),

  /// The other end went away in the middle.
  BROKEN_OFF("handshake-broken-off"),

  /// What it sent is no handshake: other protocols, damaged frames, a proof that proves nothing.
  MALFORMED("handshake-malformed");

  private final String cause;

  HandshakeFailure(String cause) {
    this.cause = cause;
  }

  /// As it is counted.
  public String cause() {
    return cause;
  }

  /// @param late whether its time was over
  public static HandshakeFailure of(Exception failure, boolean late) {
    if (late) {
      return TIMEOUT;
    }
    return switch (failure) {
      case EOFException _, SocketException _, ClosedChannelException _ -> BROKEN_OFF;
      default -> MALFORMED;
    };
  }
}
