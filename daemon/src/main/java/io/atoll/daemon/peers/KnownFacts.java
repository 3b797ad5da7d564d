package io.atoll.daemon.peers;

import io.atoll.core.identity.PeerId;
import io.atoll.market.advert.Advert;
import io.atoll.market.advert.AdvertData;
import io.atoll.market.advert.AdvertKind;
import io.atoll.market.advert.Adverts;
import io.atoll.p2p.filter.PeerFacts;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.latency.LatencyTable;
import io.atoll.p2p.peer.KnownPeer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What this node knows of a peer: the round trip that was measured, what it advertises, what it
/// calls itself. Where it is and how long it runs nobody says yet.
final class KnownFacts {
  private static final Pattern AGENT = Pattern.compile("atoll/(\\S{1,40})(?: \\((\\w{1,20})\\))?");

  private final NetworkHost host;
  private final LatencyTable latency;
  private final Adverts adverts;

  KnownFacts(NetworkHost host, LatencyTable latency, Adverts adverts) {
    this.host = host;
    this.latency = latency;
    this.adverts = adverts;
  }

  /// What a node of Atoll calls itself among peers.
  static String agent(String program, Profile profile) {
    return program + " (" + profile.word() + ")";
  }

  PeerFacts of(PeerId peer) {
    PeerFacts facts = PeerFacts.NOTHING;
    Optional<Duration> rtt =
        latency.between(host.id(), peer, Instant.now()).map(known -> known.roundTrip());
    if (rtt.isPresent()) {
      facts = facts.withRtt(rtt.get());
    }
    Matcher agent = AGENT.matcher(host.peers().find(peer).map(KnownPeer::agent).orElse(""));
    if (agent.matches()) {
      facts = facts.withVersion(agent.group(1));
      if (agent.group(2) != null) {
        facts = facts.withKind(agent.group(2));
      }
    }
    Optional<AdvertData> offer = adverts.of(AdvertKind.PROVIDER, peer).map(Advert::data);
    if (offer.isPresent() && offer.get() instanceof AdvertData.OfProvider provider) {
      facts = facts.withResources(provider.total()).withVersion(provider.version());
    }
    return facts;
  }
}
