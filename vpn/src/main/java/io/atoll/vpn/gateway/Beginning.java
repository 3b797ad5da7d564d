package io.atoll.vpn.gateway;

/// What becomes of a segment that belongs to no connection.
sealed interface Beginning {
  record Begun(TcpLink link) implements Beginning {}

  /// Nobody listens there, and the other end is told so.
  record Refused() implements Beginning {}

  /// Somebody listens, and there is no room now: with no answer the other end asks again, while a
  /// refusal would be the end of it.
  record Later() implements Beginning {}
}
