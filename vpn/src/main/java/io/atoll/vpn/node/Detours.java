package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.wireguard.Path;
import java.net.InetSocketAddress;

/// How nodes are reached where their addresses do not answer, and what they tell each other for
/// that. Whatever it is asked it returns at once.
interface Detours extends AutoCloseable {
  /// Called once, before anything else.
  void begin(PeerPaths paths);

  /// A network with this node has begun, or the last one has ended.
  void known(PeerId node);

  void forgotten(PeerId node);

  /// Nothing was to be sent to it for a while.
  void quiet(PeerId node);

  /// The way through a relay.
  Way over(PeerId relay, PeerId node);

  /// The way over a stream of libp2p.
  Way stream(PeerId node);

  /// Sends one datagram back on a way that is no address.
  ///
  /// @return whether it was taken
  boolean reply(Path to, byte[] datagram);

  /// Tells a node where this one is, so that it tries, too.
  void call(PeerId node);

  /// Somebody has seen this node there.
  void seen(InetSocketAddress address);

  @Override
  void close();
}
