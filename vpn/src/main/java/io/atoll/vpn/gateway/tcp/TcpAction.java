package io.atoll.vpn.gateway.tcp;

/// What a shell does for its machine, in the order in which it was given.
public sealed interface TcpAction {
  /// Send a segment, with bytes of the ring for what goes out; one longer than `mss` is cut, by
  /// whoever can do it best.
  ///
  /// @param from which byte since the beginning is the first
  record Transmit(TcpSegment segment, long from, int mss) implements TcpAction {}

  /// Put bytes of the segment that just came into the ring.
  ///
  /// @param at which byte since the beginning the first of them is
  /// @param skip how many bytes of the segment lie before it
  record Place(long at, int skip, int length) implements TcpAction {}

  /// Bytes can be read up to here.
  ///
  /// @param end whether there will be no more
  record Ready(long total, boolean end) implements TcpAction {}

  /// Bytes up to here have arrived and need not be kept.
  record Acknowledged(long total) implements TcpAction {}

  record Established() implements TcpAction {}

  /// All is sent and received; what remains is to wait until nothing of it is on its way any more.
  record Lingering() implements TcpAction {}

  /// It is over, and the machine needs nothing any more.
  record Ended(TcpEnd end) implements TcpAction {}
}
