package io.atoll.client.api;

import java.util.List;

/// Peers, those that are connected first.
public record PeerList(List<PeerView> peers) {}
