package io.atoll.p2p.gossip;

import io.atoll.p2p.gossip.machine.GossipEvent.Verdict;
import io.atoll.p2p.gossip.machine.GossipMessage;

/// Who reads a topic: judges each message, and takes those that pass. Called on virtual threads.
public interface TopicReader {
  /// Called once the author's signature is found to be right; what is not accepted goes no further.
  Verdict judge(GossipMessage message);

  /// An accepted message, once.
  void accept(GossipMessage message);
}
