package io.atoll.vpn.port;

/// What went through a port since it was opened, in entries: a super-packet is one.
///
/// @param receivedMalformed came from the other side, and did not hold what it claims
/// @param sentMalformed should have been sent, and did not hold what it claims
/// @param sentRefused should have been sent, and the other side was away or had no room
/// @param split super-packets that were cut here because the other side does not take them
public record PortCounters(
    long received,
    long receivedBytes,
    long sent,
    long sentBytes,
    long receivedMalformed,
    long sentMalformed,
    long sentRefused,
    long split) {}
