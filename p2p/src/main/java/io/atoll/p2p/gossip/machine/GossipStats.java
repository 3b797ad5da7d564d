package io.atoll.p2p.gossip.machine;

/// What a node of gossipsub counts.
///
/// @param members places taken in all meshes
/// @param delivered messages that readers got
/// @param duplicates copies that came besides
/// @param rejected messages that were wrong
/// @param dropped messages that were not looked at
public record GossipStats(
    int peers,
    int topics,
    int members,
    long delivered,
    long duplicates,
    long rejected,
    long dropped) {}
