package io.atoll.p2p.gossip.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;
import java.util.Optional;

/// What can happen to the machine.
public sealed interface GossipEvent {
  enum Verdict {
    ACCEPT,
    /// It is wrong, and whoever passes it on should have known.
    REJECT,
    /// Neither passed on nor held against anybody.
    IGNORE
  }

  /// The stream to a peer is open.
  ///
  /// @param outbound whether this node dialled it
  /// @param address what peers of one machine share; empty on loopback
  record PeerOpened(PeerId peer, Version version, boolean outbound, Optional<String> address)
      implements GossipEvent {}

  record PeerGone(PeerId peer) implements GossipEvent {}

  record Received(PeerId from, Rpc rpc) implements GossipEvent {}

  /// The answer to `Check`.
  record Judged(long check, Verdict verdict) implements GossipEvent {}

  record Join(String topic) implements GossipEvent {}

  record Leave(String topic) implements GossipEvent {}

  /// A message of this node, signed.
  record Publish(GossipMessage message) implements GossipEvent {}

  /// What the program itself thinks of a peer (P5).
  record Rate(PeerId peer, double score) implements GossipEvent {}

  /// The signed record of a connected peer, to be handed on to others.
  record RecordOf(PeerId peer, ByteString record) implements GossipEvent {}

  /// Comes once a heartbeat.
  record Heartbeat() implements GossipEvent {}
}
