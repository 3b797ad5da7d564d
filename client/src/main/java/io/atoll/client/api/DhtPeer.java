package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.util.List;

/// A peer in a routing table.
public record DhtPeer(PeerId peer, List<String> addresses) {}
