package io.atoll.p2p.mdns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/// An interface with its IPv4 addresses, as it was when it was looked at.
record Link(NetworkInterface card, List<Subnet> subnets, boolean loopback) {
  private static final int MAX = 32;

  record Subnet(Inet4Address own, int prefix) {
    boolean contains(InetAddress other) {
      if (!(other instanceof Inet4Address)) {
        return false;
      }
      int mask = prefix <= 0 ? 0 : -1 << (32 - Math.min(32, prefix));
      return ((bits(own) ^ bits(other)) & mask) == 0;
    }

    private static int bits(InetAddress address) {
      return ByteBuffer.wrap(address.getAddress()).getInt();
    }
  }

  Link {
    subnets = List.copyOf(subnets);
  }

  boolean contains(InetAddress address) {
    return subnets.stream().anyMatch(subnet -> subnet.contains(address));
  }

  boolean has(InetAddress address) {
    return subnets.stream().anyMatch(subnet -> subnet.own().equals(address));
  }

  /// Those with these names, or all that are up and can multicast; loopback where there is no
  /// other, so that nodes on one machine find each other without a network.
  static List<Link> now(Set<String> names) throws SocketException {
    List<Link> all = new ArrayList<>();
    List<Link> loopback = new ArrayList<>();
    for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      if (!names.isEmpty() && !names.contains(card.getName())) {
        continue;
      }
      Link link = of(card);
      if (link.subnets.isEmpty() || !card.isUp() || all.size() == MAX) {
        continue;
      }
      if (link.loopback) {
        loopback.add(link);
      } else if (card.supportsMulticast() && !card.isPointToPoint()) {
        all.add(link);
      }
    }
    return all.isEmpty() ? loopback : all;
  }

  private static Link of(NetworkInterface card) throws SocketException {
    List<Subnet> subnets = new ArrayList<>();
    for (InterfaceAddress address : card.getInterfaceAddresses()) {
      if (address.getAddress() instanceof Inet4Address own) {
        subnets.add(new Subnet(own, address.getNetworkPrefixLength()));
      }
    }
    return new Link(card, subnets, card.isLoopback());
  }
}
