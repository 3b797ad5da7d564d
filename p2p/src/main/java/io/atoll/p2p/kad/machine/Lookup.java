package io.atoll.p2p.kad.machine;

import io.atoll.core.identity.PeerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The way to the peers nearest to a key: asks the nearest known ones, alpha at a time, until the k
/// nearest that live have all answered.
final class Lookup {
  /// What a liar can make a lookup remember, and do.
  private static final int MAX_CANDIDATES = 400;

  private static final int MAX_ASKED = 400;
  private static final int MAX_OF_ADDRESS = 8;

  private enum State {
    NEW,
    ASKED,
    ANSWERED,
    FAILED
  }

  private static final class Candidate {
    private final Contact contact;
    private State state = State.NEW;

    Candidate(Contact contact) {
      this.contact = contact;
    }
  }

  private final KadConfig config;
  private final PeerId self;
  private final TreeMap<KadKey, Candidate> candidates;
  private final Map<String, Integer> addressCounts = new HashMap<>();
  private int underWay;
  private int asked;

  Lookup(KadConfig config, PeerId self, KadKey target, List<Contact> start) {
    this.config = config;
    this.self = self;
    this.candidates = new TreeMap<>(target.nearest());
    start.forEach(this::add);
  }

  /// Whom to ask now; they count as asked from here on.
  List<Contact> next() {
    List<Contact> next = new ArrayList<>();
    int living = 0;
    for (Candidate candidate : candidates.values()) {
      if (living == config.k() || underWay == config.alpha() || asked == MAX_ASKED) {
        break;
      }
      if (candidate.state == State.NEW) {
        candidate.state = State.ASKED;
        underWay++;
        asked++;
        next.add(candidate.contact);
      }
      if (candidate.state != State.FAILED) {
        living++;
      }
    }
    return next;
  }

  void answered(Contact from, List<Contact> closer) {
    end(from, State.ANSWERED);
    for (int i = 0; i < Math.min(closer.size(), config.k() + 1); i++) {
      add(closer.get(i));
    }
  }

  void failed(Contact peer) {
    end(peer, State.FAILED);
  }

  /// The k nearest that live have answered, or there is nobody left to ask.
  boolean done() {
    int living = 0;
    for (Candidate candidate : candidates.values()) {
      switch (candidate.state) {
        case NEW -> {
          return asked == MAX_ASKED && underWay == 0;
        }
        case ASKED -> {
          return false;
        }
        case ANSWERED -> living++;
        case FAILED -> {}
      }
      if (living == config.k()) {
        return true;
      }
    }
    return true;
  }

  /// The nearest that answered, nearest first.
  List<Contact> closest() {
    return candidates.values().stream()
        .filter(candidate -> candidate.state == State.ANSWERED)
        .limit(config.k())
        .map(candidate -> candidate.contact)
        .toList();
  }

  /// A peer with this id that anybody named, whether it answered or not.
  List<Contact> named(KadKey key) {
    Candidate candidate = candidates.get(key);
    return candidate == null ? List.of() : List.of(candidate.contact);
  }

  int asked() {
    return asked;
  }

  private void end(Contact peer, State state) {
    Candidate candidate = candidates.get(peer.key());
    if (candidate != null && candidate.state == State.ASKED) {
      candidate.state = state;
      underWay--;
    }
  }

  private void add(Contact contact) {
    if (contact.id().equals(self) || candidates.containsKey(contact.key())) {
      return;
    }
    List<IpGroup> groups = contact.groups();
    for (IpGroup group : groups) {
      if (addressCounts.getOrDefault(group.address(), 0) >= MAX_OF_ADDRESS) {
        return;
      }
    }
    groups.forEach(group -> addressCounts.merge(group.address(), 1, Integer::sum));
    candidates.put(contact.key(), new Candidate(contact));
    if (candidates.size() > MAX_CANDIDATES) {
      Candidate farthest = candidates.pollLastEntry().getValue();
      if (farthest.state == State.ASKED) {
        underWay--;
      }
    }
  }
}
