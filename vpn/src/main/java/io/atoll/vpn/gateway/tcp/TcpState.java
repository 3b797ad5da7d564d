package io.atoll.vpn.gateway.tcp;

/// RFC 9293 §3.3.2.
public enum TcpState {
  LISTEN,
  SYN_SENT,
  SYN_RECEIVED,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  CLOSE_WAIT,
  CLOSING,
  LAST_ACK,
  TIME_WAIT,
  CLOSED;

  /// Whether both ends have agreed on where to begin.
  public boolean synchronised() {
    return switch (this) {
      case LISTEN, SYN_SENT, SYN_RECEIVED, CLOSED -> false;
      case ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT -> true;
    };
  }

  /// Whether bytes of the other end are still taken.
  boolean receives() {
    return this == ESTABLISHED || this == FIN_WAIT_1 || this == FIN_WAIT_2;
  }
}
