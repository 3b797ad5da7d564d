package io.atoll.vpn.gateway.tcp;

/// What a machine is told. All counts are of bytes since the beginning.
public sealed interface TcpEvent {
  /// A connection is to be made from here.
  record Open() implements TcpEvent {}

  /// A segment came whose sum is right.
  record Arrived(TcpSegment segment) implements TcpEvent {}

  /// There is something to send.
  record Written(long total) implements TcpEvent {}

  /// The ring has room again for what comes.
  record Consumed(long total) implements TcpEvent {}

  /// The ring for what comes is larger now.
  record Grown(int capacity) implements TcpEvent {}

  /// Nothing more will be written.
  record Shutdown() implements TcpEvent {}

  /// Nobody reads or writes any more: what is written still goes out, and is acknowledged; what is
  /// not read, or comes from now on, breaks the connection off (RFC 9293 §3.6.1).
  record Released() implements TcpEvent {}

  /// It is to be broken off.
  record Abort() implements TcpEvent {}

  /// A packet with that of ours was too big for its way.
  ///
  /// @param mss what a segment may carry now, options and bytes
  /// @param seq of the segment that was too big
  record TooBig(int mss, int seq) implements TcpEvent {}

  /// A router or the other end says that our packet could not be delivered.
  ///
  /// @param refused whether it is the port that nobody has
  record Undeliverable(boolean refused, int seq) implements TcpEvent {}

  /// Now send what there is to send: after each event or a few of them, and when the deadline has
  /// come.
  record Turn() implements TcpEvent {}
}
