package io.atoll.vpn.exit;

import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.stream.Stream;

/// Which addresses a node lets the members of networks reach, whatever a network's rules say: none,
/// until its operator lets them have the public Internet, or names blocks. The Internet is never
/// this machine itself, its local network, or an address that leads to either.
///
/// @param internet whether the public Internet is open to them
/// @param also blocks that the operator allows besides, such as one of his own network
public record Outside(boolean internet, List<Cidr> also) {
  public static final Outside NOTHING = new Outside(false, List.of());

  /// The public Internet alone.
  public static final Outside INTERNET = new Outside(true, List.of());

  /// RFC 6890 and those that came later: private, shared, for tests, of groups, of this host.
  private static final List<Cidr> NOT_PUBLIC_4 =
      Stream.of(
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10",
              "127.0.0.0/8",
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "192.88.99.0/24",
              "192.168.0.0/16",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "224.0.0.0/4",
              "240.0.0.0/4")
          .map(Cidr::parse)
          .toList();

  private static final Cidr GLOBAL_6 = Cidr.parse("2000::/3");

  /// Those inside of it that hold addresses of IPv4, or are for documents.
  private static final List<Cidr> NOT_PUBLIC_6 =
      Stream.of("2001::/32", "2001:db8::/32", "2002::/16").map(Cidr::parse).toList();

  public Outside {
    also = List.copyOf(also);
  }

  /// Whether an address may be one to go to; what this machine itself has is asked apart.
  boolean may(IpAddress to) {
    return named(to) || (internet && isPublic(to));
  }

  private static boolean isPublic(IpAddress to) {
    return to.isV4()
        ? NOT_PUBLIC_4.stream().noneMatch(block -> block.contains(to))
        : GLOBAL_6.contains(to) && NOT_PUBLIC_6.stream().noneMatch(block -> block.contains(to));
  }

  /// Whether anything may be reached at all.
  public boolean any() {
    return internet || !also.isEmpty();
  }

  private boolean named(IpAddress to) {
    return also.stream().anyMatch(block -> block.contains(to));
  }

  /// Whether it is this machine, which a public address may be as well. Asks the system.
  boolean isHere(IpAddress to) {
    try {
      return !named(to) && NetworkInterface.getByInetAddress(to.toInet()) != null;
    } catch (SocketException unknown) {
      return true; // What cannot be told is not let out.
    }
  }
}
