package io.atoll.vpn.relay;

/// What a relay has done since it began.
///
/// @param seats that are taken now
/// @param packets and
/// @param bytes passed on
/// @param strangers packets of no seat, or not from where it is bound
/// @param nowhere packets for somebody who is not there
/// @param overLimit packets over an allowance
/// @param refused seats that were asked for in vain
public record RelayCounts(
    int seats,
    long packets,
    long bytes,
    long strangers,
    long nowhere,
    long overLimit,
    long refused) {}
