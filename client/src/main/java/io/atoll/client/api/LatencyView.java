package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.util.List;

/// Who is near whom, as far as a daemon knows.
///
/// @param peers round trips from this daemon, the nearest first
/// @param reports of other nodes that it holds
/// @param withinMillis the bound of what is near
/// @param groups of two nodes or more, any two of which are near each other; the largest first
public record LatencyView(
    List<PeerLatency> peers, int reports, int withinMillis, List<List<PeerId>> groups) {}
