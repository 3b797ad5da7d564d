package io.atoll.market.advert;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.gossip.TopicReader;
import io.atoll.p2p.gossip.machine.GossipEvent.Verdict;
import io.atoll.p2p.gossip.machine.GossipMessage;
import java.time.Instant;

/// Takes what gossip tells into the book. What is news to this node is passed on; what only repeats
/// is not, and what nobody could have signed honestly is held against who passed it on.
final class AdvertReader implements TopicReader {
  private final AdvertKind kind;
  private final AdvertBook book;

  AdvertReader(AdvertKind kind, AdvertBook book) {
    this.kind = kind;
    this.book = book;
  }

  @Override
  public Verdict judge(GossipMessage message) {
    Advert advert;
    try {
      advert = Advert.open(message.data());
      if (advert.kind() != kind || !advert.peer().equals(PeerId.of(message.from().toByteArray()))) {
        return Verdict.REJECT;
      }
    } catch (IllegalArgumentException e) {
      return Verdict.REJECT;
    }
    return switch (book.take(advert, Instant.now())) {
      case NEW -> Verdict.ACCEPT;
      case KNOWN, NOT_GOOD -> Verdict.IGNORE;
    };
  }

  @Override
  public void accept(GossipMessage message) {
    // taken when it was judged
  }
}
