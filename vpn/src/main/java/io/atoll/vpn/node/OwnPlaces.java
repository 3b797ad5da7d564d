package io.atoll.vpn.node;

import io.atoll.vpn.path.Candidate;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Where this node may be reached: its cards, its gateways' ports, and where others have seen it.
final class OwnPlaces {
  private static final int MOST_SEEN = 4;
  private static final long FORGOTTEN = TimeUnit.MINUTES.toNanos(10);

  private final InetSocketAddress bound;
  private final Predicate<InetAddress> inside;

  // Under the lock of this object.
  private final Map<InetSocketAddress, Long> seen = new LinkedHashMap<>();
  private List<InetSocketAddress> mapped = List.of();

  /// @param inside whether an address belongs to a network that is carried over these very paths
  OwnPlaces(InetSocketAddress bound, Predicate<InetAddress> inside) {
    this.bound = bound;
    this.inside = inside;
  }

  synchronized void mapped(List<InetSocketAddress> outside) {
    mapped = List.copyOf(outside);
  }

  /// @return whether that is news
  synchronized boolean seen(InetSocketAddress address, long now) {
    boolean before = seen.remove(address) != null;
    seen.put(address, now);
    seen.values().removeIf(at -> now - at > FORGOTTEN);
    if (seen.size() > MOST_SEEN) {
      seen.remove(seen.keySet().iterator().next());
    }
    return !before;
  }

  /// Those of its cards; of loopback only where there is nothing else.
  List<Candidate> local() {
    InetAddress address = bound.getAddress();
    if (!address.isAnyLocalAddress()) {
      return List.of(new Candidate(bound, Candidate.Kind.LOCAL));
    }
    boolean six = !(address instanceof Inet4Address);
    List<Candidate> outside = new ArrayList<>();
    List<Candidate> loopback = new ArrayList<>();
    try {
      NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(one -> six || one instanceof Inet4Address)
          .filter(one -> !one.isLinkLocalAddress() && !inside.test(one))
          .forEach(
              one ->
                  (one.isLoopbackAddress() ? loopback : outside)
                      .add(
                          new Candidate(
                              new InetSocketAddress(one, bound.getPort()), Candidate.Kind.LOCAL)));
    } catch (SocketException e) {
      return List.of();
    }
    return outside.isEmpty() ? loopback : outside;
  }

  List<Candidate> all() {
    List<Candidate> all = new ArrayList<>();
    synchronized (this) {
      mapped.forEach(one -> all.add(new Candidate(one, Candidate.Kind.MAPPED)));
      seen.keySet().forEach(one -> all.add(new Candidate(one, Candidate.Kind.OBSERVED)));
    }
    local().stream()
        .filter(one -> all.stream().noneMatch(other -> other.address().equals(one.address())))
        .forEach(all::add);
    return all;
  }
}
