package io.atoll.p2p.swarm;

/// What one scope and everything below it may hold.
///
/// @param inbound connections that others dialled
/// @param outbound connections that this node dialled
/// @param connections both together
/// @param streamsIn streams that others opened
/// @param streamsOut streams that this node opened
/// @param streams both together
/// @param memory bytes that services reserve for what they hold in between
public record ScopeLimit(
    int inbound,
    int outbound,
    int connections,
    int streamsIn,
    int streamsOut,
    int streams,
    long memory) {

  public ScopeLimit withInbound(int most) {
    return new ScopeLimit(
        most, outbound, Math.max(connections, most), streamsIn, streamsOut, streams, memory);
  }
}
