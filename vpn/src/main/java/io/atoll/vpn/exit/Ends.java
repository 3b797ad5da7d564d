package io.atoll.vpn.exit;

import io.atoll.core.term.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is open outside, by the member's address. Any thread.
final class Ends {
  /// Something that can be closed from anywhere, more than once.
  interface End {
    void close();
  }

  private final int each;
  private final Map<IpAddress, Set<End>> open = new HashMap<>();
  private int count;
  private boolean closed;

  /// @param each the most for one address
  Ends(int each) {
    this.each = each;
  }

  /// @return whether there was room
  synchronized boolean add(IpAddress of, End end) {
    Set<End> its = open.computeIfAbsent(of, _ -> new HashSet<>());
    if (closed || its.size() >= each) {
      if (its.isEmpty()) {
        open.remove(of);
      }
      return false;
    }
    its.add(end);
    count++;
    return true;
  }

  synchronized void remove(IpAddress of, End end) {
    Set<End> its = open.get(of);
    if (its != null && its.remove(end)) {
      count--;
      if (its.isEmpty()) {
        open.remove(of);
      }
    }
  }

  synchronized int count() {
    return count;
  }

  /// Closes what one address has.
  void close(IpAddress of) {
    List<End> its;
    synchronized (this) {
      its = List.copyOf(open.getOrDefault(of, Set.of()));
    }
    its.forEach(End::close);
  }

  /// Closes all, and takes no more.
  void close() {
    List<End> all;
    synchronized (this) {
      closed = true;
      all = open.values().stream().flatMap(Set::stream).toList();
    }
    all.forEach(End::close);
  }
}
