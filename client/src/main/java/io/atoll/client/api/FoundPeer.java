package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.util.List;

/// Where a peer may be reached.
///
/// @param source CONNECTED, STORE or DHT
public record FoundPeer(PeerId peer, String source, List<String> addresses) {}
