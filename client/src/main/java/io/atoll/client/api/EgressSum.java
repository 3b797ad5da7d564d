package io.atoll.client.api;

/// What wanted to leave a network, counted where it would have left, since the daemons that count
/// were started. Packets may be joined ones, as the members hand them over.
///
/// @param packets that were let out
/// @param refused that a rule kept inside, or no rule let out
/// @param noExit that a rule let out, from a provider that lets nothing out
public record EgressSum(long packets, long bytes, long refused, long refusedBytes, long noExit) {}
