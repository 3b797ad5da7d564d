package io.atoll.client.api;

import java.util.List;

/// A daemon's part of the DHT.
///
/// @param mode SERVER or CLIENT
/// @param peers in its routing table
/// @param records that it keeps for others
public record DhtView(String mode, List<DhtPeer> peers, List<DhtRecord> records) {}
