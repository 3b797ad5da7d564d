package io.atoll.p2p.gossip.machine;

import io.atoll.core.identity.PeerId;
import java.util.List;

/// What the shell does for the machine.
public sealed interface GossipAction {
  record Send(PeerId to, Rpc rpc) implements GossipAction {}

  /// Checks the signature, and asks whoever reads the topic; comes back with `Judged`.
  record Check(long check, PeerId from, GossipMessage message) implements GossipAction {}

  /// A valid message of a topic of this node, once.
  record Deliver(GossipMessage message) implements GossipAction {}

  /// Peers that somebody with a good score suggests.
  record Meet(List<Rpc.Suggestion> peers) implements GossipAction {}
}
