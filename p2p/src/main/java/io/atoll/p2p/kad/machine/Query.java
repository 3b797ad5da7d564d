package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// A goal under way: its lookup, what it found so far, and what it still stores.
final class Query {
  final long id;
  final KadGoal goal;
  final Lookup lookup;
  final long deadline;
  final Map<PeerId, ByteString> values = new LinkedHashMap<>();
  final Map<PeerId, Contact> providers = new LinkedHashMap<>();
  final Set<Long> stores = new HashSet<>();
  boolean storing;
  int stored;

  Query(long id, KadGoal goal, Lookup lookup, long deadline) {
    this.id = id;
    this.goal = goal;
    this.lookup = lookup;
    this.deadline = deadline;
  }
}
