package io.atoll.vpn.node;

import io.atoll.vpn.path.ProbeKey;
import io.atoll.vpn.wireguard.Peer;
import org.jspecify.annotations.Nullable;

/// A session with a node in one network, and the keys of its probes. Most nodes of a large network
/// are never spoken to, so the keys are made when they are first used, by the thread of all paths.
final class Session {
  final NodePath node;
  final Peer peer;

  /// Of the key that the node's own probes are made with.
  final long id;

  private @Nullable ProbeKey to;
  private @Nullable ProbeKey from;

  Session(NodePath node, Peer peer) {
    this.node = node;
    this.peer = peer;
    this.id = key(false).id();
  }

  /// For probes to the node.
  ProbeKey to() {
    ProbeKey key = to == null ? key(true) : to;
    to = key;
    return key;
  }

  /// For those that it sends.
  ProbeKey from() {
    ProbeKey key = from == null ? key(false) : from;
    from = key;
    return key;
  }

  private ProbeKey key(boolean out) {
    byte[] secret = peer.derive(ProbeKey.PURPOSE);
    byte[] here = peer.identity().publicKey().bytes();
    byte[] there = peer.publicKey().bytes();
    return out ? ProbeKey.of(secret, here, there) : ProbeKey.of(secret, there, here);
  }
}
