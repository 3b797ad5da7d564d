package io.atoll.p2p.swarm;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Which addresses a node dials and tells others of. Pure: it looks at addresses as they are
/// written, and asks no name server.
///
/// @param denied ranges of IP addresses; whoever is reached through a relay is judged by the relay
/// @param excepted hosts that are allowed all the same, as they begin their addresses
public record AddressFilter(List<Range> denied, Set<Part> excepted) {
  /// Addresses that begin with the same bits.
  ///
  /// @param length of the addresses in bytes
  /// @param prefix the bits that they have in common, as a number
  public record Range(int length, int bits, BigInteger prefix) {
    /// @param text such as `10.0.0.0/8`
    public static Range of(String text) {
      int slash = text.indexOf('/');
      byte[] base = InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
      int bits = Integer.parseInt(text.substring(slash + 1));
      return new Range(base.length, bits, prefix(base, bits));
    }

    boolean contains(byte[] address) {
      return address.length == length && prefix(address, bits).equals(prefix);
    }

    private static BigInteger prefix(byte[] address, int bits) {
      return new BigInteger(1, address).shiftRight(address.length * Byte.SIZE - bits);
    }
  }

  /// What leads nowhere on the internet, but to the neighbours in a data centre: RFC 1918, 6598,
  /// 3927, 5737, 2544, 4193 and the like. Loopback is left out: this machine is no neighbour.
  private static final List<Range> PRIVATE =
      List.of(
          Range.of("0.0.0.0/8"),
          Range.of("10.0.0.0/8"),
          Range.of("100.64.0.0/10"),
          Range.of("169.254.0.0/16"),
          Range.of("172.16.0.0/12"),
          Range.of("192.0.0.0/24"),
          Range.of("192.0.2.0/24"),
          Range.of("192.168.0.0/16"),
          Range.of("198.18.0.0/15"),
          Range.of("198.51.100.0/24"),
          Range.of("203.0.113.0/24"),
          Range.of("224.0.0.0/3"),
          Range.of("64:ff9b:1::/48"),
          Range.of("100::/64"),
          Range.of("2001:2::/48"),
          Range.of("2001:db8::/32"),
          Range.of("fc00::/7"),
          Range.of("fe80::/10"),
          Range.of("ff00::/8"));

  public AddressFilter {
    denied = List.copyOf(denied);
    excepted = Set.copyOf(excepted);
  }

  /// Lets everything pass.
  public static AddressFilter none() {
    return new AddressFilter(List.of(), Set.of());
  }

  /// Denies the ranges of private and special networks.
  public static AddressFilter publicOnly() {
    return new AddressFilter(PRIVATE, Set.of());
  }

  /// Lets the hosts of these addresses pass: somebody named them on purpose.
  public AddressFilter except(Collection<Multiaddr> addresses) {
    return new AddressFilter(
        denied,
        addresses.stream()
            .map(address -> address.parts().getFirst())
            .collect(Collectors.toUnmodifiableSet()));
  }

  /// A name passes: what it stands for is not known yet, and judged once there is a connection.
  public boolean allows(Multiaddr address) {
    Part host = address.parts().getFirst();
    boolean ip = host.protocol() == Protocol.IP4 || host.protocol() == Protocol.IP6;
    if (!ip || denied.isEmpty() || excepted.contains(host)) {
      return true;
    }
    // An IPv4 address in the clothes of IPv6 becomes what it is.
    byte[] bytes = InetAddress.ofLiteral(host.value()).getAddress();
    return denied.stream().noneMatch(range -> range.contains(bytes));
  }
}
