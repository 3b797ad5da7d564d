package io.atoll.vpn.gateway.tcp;

/// One segment without its ports and its bytes.
///
/// @param window as it is on the wire, not scaled
/// @param length how many bytes it carries
public record TcpSegment(int flags, int seq, int ack, int window, int length, TcpOptions options) {
  public static final int FIN = 1;
  public static final int SYN = 2;
  public static final int RST = 4;
  public static final int PSH = 8;
  public static final int ACK = 16;

  public TcpSegment {
    if (length < 0 || window < 0 || window > 0xffff) {
      throw new IllegalArgumentException("no segment: " + length + " bytes, window " + window);
    }
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /// How many positions it takes.
  public int span() {
    return length + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
  }

  /// What answers a segment of no connection (RFC 9293 §3.10.7.1); it must not be a reset itself.
  public TcpSegment refusal() {
    return has(ACK)
        ? new TcpSegment(RST, ack, 0, 0, 0, TcpOptions.NONE)
        : new TcpSegment(RST | ACK, 0, seq + span(), 0, 0, TcpOptions.NONE);
  }
}
