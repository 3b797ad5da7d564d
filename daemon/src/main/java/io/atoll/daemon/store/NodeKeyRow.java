package io.atoll.daemon.store;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;

/// The key with which a node seals packets of one network, in the store.
///
/// @param signed as the node signed it
public record NodeKeyRow(NetworkId network, PeerId node, byte[] signed) {}
