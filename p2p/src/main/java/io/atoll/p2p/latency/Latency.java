package io.atoll.p2p.latency;

import java.time.Duration;

/// A round trip between two nodes as far as it is known.
///
/// @param confirmed this node measured it, or both ends say something of it
public record Latency(Duration roundTrip, boolean confirmed) {}
