package io.atoll.p2p.kad.machine;

/// What a node of the DHT counts.
///
/// @param peers in the routing table
/// @param records values kept for others
/// @param providers provider entries kept
/// @param underWay requests and queries
/// @param answered requests of others
/// @param refused requests of others that broke a rule or a rate
/// @param failed own requests without an answer
public record KadStats(
    int peers,
    int records,
    int providers,
    int underWay,
    long answered,
    long refused,
    long failed) {}
