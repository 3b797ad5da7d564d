package io.atoll.p2p.kad.machine;

import io.atoll.core.multiformat.Multiaddr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The peers that serve the protocol, in a bucket for each length of the prefix they share with
/// this node. The first k of a bucket stay, as whoever was there for long is likely to stay longer;
/// half as many places behind them are for the newest, so that newcomers are known too. One address
/// or network fills only a part.
final class RoutingTable {
  private static final class Entry {
    private Contact contact;
    private final List<IpGroup> groups;
    private long lastSeen;

    Entry(Contact contact, List<IpGroup> groups, long lastSeen) {
      this.contact = contact;
      this.groups = groups;
      this.lastSeen = lastSeen;
    }
  }

  private final KadKey self;
  private final KadConfig config;
  private final int capacity;
  private final List<List<Entry>> buckets = new ArrayList<>();
  private final Map<String, Integer> groupCounts = new HashMap<>();
  private int size;

  RoutingTable(KadKey self, KadConfig config) {
    this.self = self;
    this.config = config;
    this.capacity = config.k() + config.k() / 2;
  }

  int size() {
    return size;
  }

  /// A peer that serves the protocol gave a sign of life.
  ///
  /// @param seenAt where its connection comes from; without it, what it claims counts
  void seen(Contact contact, Optional<Multiaddr> seenAt, long nanos) {
    if (contact.key().equals(self)) {
      return;
    }
    int index = self.sharedBits(contact.key());
    while (buckets.size() <= index) {
      buckets.add(new ArrayList<>());
    }
    List<Entry> bucket = buckets.get(index);
    for (Entry known : bucket) {
      if (known.contact.key().equals(contact.key())) {
        known.lastSeen = nanos;
        if (!contact.addresses().isEmpty()) {
          known.contact = contact;
        }
        return;
      }
    }
    List<IpGroup> groups = seenAt.map(at -> IpGroup.of(List.of(at))).orElseGet(contact::groups);
    if (!fits(bucket, groups)) {
      return;
    }
    if (bucket.size() == capacity) {
      remove(bucket, bucket.get(config.k()));
    }
    bucket.add(new Entry(contact, groups, nanos));
    size++;
    count(groups, 1);
  }

  void gone(Contact contact) {
    int index = self.sharedBits(contact.key());
    if (index < buckets.size()) {
      buckets.get(index).stream()
          .filter(entry -> entry.contact.key().equals(contact.key()))
          .findFirst()
          .ifPresent(entry -> remove(buckets.get(index), entry));
    }
  }

  Optional<Contact> find(KadKey key) {
    int index = self.sharedBits(key);
    return index >= buckets.size()
        ? Optional.empty()
        : buckets.get(index).stream()
            .map(entry -> entry.contact)
            .filter(contact -> contact.key().equals(key))
            .findFirst();
  }

  /// The nearest to a key, nearest first.
  List<Contact> closest(KadKey key, int count) {
    List<Contact> found = new ArrayList<>(count + capacity);
    int shared = self.sharedBits(key);
    // Who shares more bits with the key than this node does, then those that share as many, then
    // bucket by bucket those that share fewer: each group is farther than the one before.
    addSorted(found, shared, shared + 1, key);
    if (found.size() < count) {
      addSorted(found, shared + 1, buckets.size(), key);
    }
    for (int i = Math.min(shared, buckets.size()) - 1; i >= 0 && found.size() < count; i--) {
      addSorted(found, i, i + 1, key);
    }
    return found.size() > count ? found.subList(0, count) : found;
  }

  /// Everybody in it, bucket by bucket.
  List<Contact> all() {
    return buckets.stream().flatMap(List::stream).map(entry -> entry.contact).toList();
  }

  /// Who gave no sign of life since then.
  List<Contact> silentSince(long nanos) {
    return buckets.stream()
        .flatMap(List::stream)
        .filter(entry -> entry.lastSeen - nanos < 0)
        .map(entry -> entry.contact)
        .toList();
  }

  /// The index of the deepest bucket that is not empty; -1 if all are.
  int deepest() {
    for (int i = buckets.size() - 1; i >= 0; i--) {
      if (!buckets.get(i).isEmpty()) {
        return i;
      }
    }
    return -1;
  }

  private void addSorted(List<Contact> found, int from, int to, KadKey key) {
    int begin = found.size();
    for (int i = from; i < Math.min(to, buckets.size()); i++) {
      for (Entry entry : buckets.get(i)) {
        found.add(entry.contact);
      }
    }
    found.subList(begin, found.size()).sort((a, b) -> key.nearer(a.key(), b.key()));
  }

  private void remove(List<Entry> bucket, Entry entry) {
    bucket.remove(entry);
    size--;
    count(entry.groups, -1);
  }

  private void count(List<IpGroup> groups, int change) {
    for (IpGroup group : groups) {
      groupCounts.merge(group.address(), change, (a, b) -> a + b == 0 ? null : a + b);
      if (group.network().isPresent()) {
        groupCounts.merge(group.network().get(), change, (a, b) -> a + b == 0 ? null : a + b);
      }
    }
  }

  private boolean fits(List<Entry> bucket, List<IpGroup> groups) {
    KadConfig.Diversity most = config.diversity();
    for (IpGroup group : groups) {
      if (groupCounts.getOrDefault(group.address(), 0) >= most.ofAddress()
          || inBucket(bucket, other -> other.address().equals(group.address()))
              >= most.ofAddressInBucket()) {
        return false;
      }
      if (group.network().isPresent()
          && (groupCounts.getOrDefault(group.network().get(), 0) >= most.ofNetwork()
              || inBucket(bucket, other -> other.network().equals(group.network()))
                  >= most.ofNetworkInBucket())) {
        return false;
      }
    }
    return true;
  }

  private static int inBucket(List<Entry> bucket, Predicate<IpGroup> same) {
    int count = 0;
    for (Entry entry : bucket) {
      count += entry.groups.stream().anyMatch(same) ? 1 : 0;
    }
    return count;
  }
}
