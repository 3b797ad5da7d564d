package io.atoll.vpn.path;

import io.atoll.core.identity.PeerId;
import java.net.InetSocketAddress;

/// A way to a node: what packets take now, or what is tried.
public sealed interface Path {
  record Direct(InetSocketAddress address) implements Path {}

  /// Sealed packets pass through another node as they are.
  record Relayed(PeerId relay) implements Path {}

  /// Over the connection of libp2p, in order and without loss, and so slowest.
  record Stream() implements Path {}

  /// None works: what is sent is dropped and counted.
  record Nowhere() implements Path {}
}
