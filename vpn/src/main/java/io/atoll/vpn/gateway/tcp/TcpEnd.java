package io.atoll.vpn.gateway.tcp;

/// Why a connection is over.
public enum TcpEnd {
  /// Both sides have sent all they had to.
  CLOSED,
  /// The other end does not take connections there.
  REFUSED,
  /// The other end broke it off.
  RESET,
  /// This end broke it off.
  ABORTED,
  /// The other end does not answer.
  TIMED_OUT,
  /// Something on the way says that there is no way.
  UNREACHABLE
}
