package io.atoll.client.api;

import io.atoll.core.identity.PeerId;

/// How far a peer is.
///
/// @param confirmed false where another node alone says so
public record PeerLatency(PeerId peer, double rttMillis, boolean confirmed) {}
