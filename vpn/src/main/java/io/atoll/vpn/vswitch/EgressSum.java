package io.atoll.vpn.vswitch;

/// What became of all that would leave a network, of one member or of all of this node: entries as
/// the ports have them.
///
/// @param packets that a rule let out
/// @param refused by a rule, or because none lets them out
/// @param noExit that a rule lets out, but this node does not
public record EgressSum(long packets, long bytes, long refused, long refusedBytes, long noExit) {
  /// Nothing wanted to leave.
  public static final EgressSum NONE = new EgressSum(0, 0, 0, 0, 0);
}
