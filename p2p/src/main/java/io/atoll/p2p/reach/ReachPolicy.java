package io.atoll.p2p.reach;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;

/// What a node asks others, and does for them.
///
/// @param privateAddresses whether addresses that mean nothing on the internet count; for tests on
///     one machine
/// @param agreeing how many peers must say the same of an address before it is believed
/// @param perMinute dials for all others together
/// @param perMinuteForPeer dials for one
/// @param dial how long one may take
public record ReachPolicy(
    boolean privateAddresses, int agreeing, int perMinute, int perMinuteForPeer, Duration dial) {

  public static ReachPolicy defaults() {
    return new ReachPolicy(false, 4, 60, 12, Duration.ofSeconds(10));
  }

  public ReachPolicy withPrivateAddresses() {
    return new ReachPolicy(true, agreeing, perMinute, perMinuteForPeer, dial);
  }

  public ReachPolicy withAgreeing(int peers) {
    return new ReachPolicy(privateAddresses, peers, perMinute, perMinuteForPeer, dial);
  }

  /// Whether an address names a host by its IP, directly, where anybody may be sent to.
  public boolean dialable(Multiaddr address) {
    if (address.value(Protocol.P2P_CIRCUIT).isPresent()) {
      return false;
    }
    Optional<InetAddress> host = host(address);
    return host.isPresent() && (privateAddresses || isPublic(host.get()));
  }

  /// The IP address at the start.
  static Optional<InetAddress> host(Multiaddr address) {
    Part first = address.parts().getFirst();
    if (first.protocol() != Protocol.IP4 && first.protocol() != Protocol.IP6) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(first.value()));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  static boolean isPublic(InetAddress host) {
    if (host.isLoopbackAddress()
        || host.isAnyLocalAddress()
        || host.isLinkLocalAddress()
        || host.isSiteLocalAddress()
        || host.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = host.getAddress();
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    if (host instanceof Inet6Address) {
      return (first & 0xfe) != 0xfc; // unique local
    }
    boolean shared = first == 100 && second >= 64 && second < 128;
    return first != 0 && !shared && first < 240;
  }
}
