package io.atoll.p2p.gossip;

import io.atoll.p2p.gossip.machine.GossipEvent.Verdict;
import io.atoll.p2p.gossip.machine.GossipMessage;

/// Who reads a topic: judges each message, and takes those that pass. Both are called on virtual
/// threads, `judge` for several messages at once, `accept` for one after the other.
public interface TopicReader {
  /// Called once the author's signature is found to be right; what is not accepted goes no further.
  Verdict judge(GossipMessage message);

  /// An accepted message, once. Whoever takes too long misses the newest.
  void accept(GossipMessage message);
}
