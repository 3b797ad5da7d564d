package io.atoll.vpn.gateway;

/// What a stack has done since it was made.
///
/// @param malformed packets whose headers or sums do not hold
/// @param foreign packets to other addresses, or of protocols that are not spoken
/// @param pieces packets that came in pieces, which are not put together
/// @param overflown packets that came faster than they were taken
/// @param refused segments and datagrams to ports that nobody has
/// @param postponed connections that others wanted to open, and for which there was no room then
/// @param connections of TCP that are open now
/// @param memory bytes that their rings take
public record StackCounters(
    long received,
    long sent,
    long malformed,
    long foreign,
    long pieces,
    long overflown,
    long refused,
    long postponed,
    int connections,
    int flows,
    long memory) {}
