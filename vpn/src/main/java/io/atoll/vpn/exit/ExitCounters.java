package io.atoll.vpn.exit;

/// What a way out has done since it was made.
///
/// @param connections of TCP that were made
/// @param flows of UDP that were opened
/// @param echoes that were answered
/// @param questions to name servers that were answered
/// @param denied by the node's operator
/// @param failed what the other side refused, or did not answer
/// @param full what found no room
/// @param open connections and flows now
public record ExitCounters(
    long connections,
    long flows,
    long echoes,
    long questions,
    long denied,
    long failed,
    long full,
    int open) {}
