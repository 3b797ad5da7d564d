package io.atoll.vpn.gateway.tcp;

/// What a segment says beside its header.
///
/// @param mss 0 if it is not said
/// @param scale of the window; -1 if it is not said
/// @param stamped whether there are timestamps
/// @param sack pairs of sequence numbers: where a piece begins, and what is behind it
public record TcpOptions(
    int mss, int scale, boolean sackPermitted, boolean stamped, int stamp, int echo, int[] sack) {
  private static final int[] NO_SACK = {};
  public static final TcpOptions NONE = new TcpOptions(0, -1, false, false, 0, 0, NO_SACK);

  /// RFC 7323 §2.3.
  public static final int MAX_SCALE = 14;

  static TcpOptions stamp(int stamp, int echo) {
    return new TcpOptions(0, -1, false, true, stamp, echo, NO_SACK);
  }

  TcpOptions withSack(int[] pairs) {
    return new TcpOptions(mss, scale, sackPermitted, stamped, stamp, echo, pairs);
  }
}
