package io.atoll.daemon.golem;

import org.jspecify.annotations.Nullable;

/// A network that was made in Golem's words.
///
/// @param id of the hub's network
/// @param keyId of the key that made it; others may not touch it
/// @param gateway as its maker said; it is told again, and nothing follows from it
/// @param node whether its maker is a node at the network's first address
/// @param address whether its maker took the network's first address. That one belongs to the
///     network itself, which answers there; whoever has it so needs none of his own to dial
record NetNote(String id, String keyId, @Nullable String gateway, boolean node, boolean address) {
  NetNote withNode(boolean there) {
    return new NetNote(id, keyId, gateway, there, address);
  }

  NetNote withAddress(boolean there) {
    return new NetNote(id, keyId, gateway, node, there);
  }
}
