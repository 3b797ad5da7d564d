package io.atoll.p2p.kad.machine;

import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Who shares an address or a network with whom: identities cost nothing, addresses do.
///
/// @param address the IPv4 address, or the /64 of an IPv6 one
/// @param network the /16 of an IPv4 address, the /32 of an IPv6 one; empty for private addresses,
///     whose networks are the same everywhere
public record IpGroup(String address, Optional<String> network) {

  /// Empty for names and for loopback, where nobody is but this machine.
  public static Optional<IpGroup> of(Multiaddr multiaddr) {
    Protocol protocol = multiaddr.parts().getFirst().protocol();
    if (protocol != Protocol.IP4 && protocol != Protocol.IP6) {
      return Optional.empty();
    }
    boolean four = protocol == Protocol.IP4;
    byte[] bytes = new byte[four ? 4 : 16];
    System.arraycopy(multiaddr.bytes(), 1, bytes, 0, bytes.length);
    if (four ? bytes[0] == 127 : isLoopback6(bytes)) {
      return Optional.empty();
    }
    HexFormat hex = HexFormat.of();
    String name = (four ? "4:" : "6:") + hex.formatHex(bytes, 0, four ? 4 : 8);
    boolean inside =
        four ? isPrivate4(bytes) : (bytes[0] & 0xfe) == 0xfc || (bytes[0] & 0xff) == 0xfe;
    String network = (four ? "4 net:" : "6 net:") + hex.formatHex(bytes, 0, four ? 2 : 4);
    return Optional.of(new IpGroup(name, inside ? Optional.empty() : Optional.of(network)));
  }

  /// All of a peer's, each once.
  static List<IpGroup> of(List<Multiaddr> addresses) {
    return addresses.stream().flatMap(address -> of(address).stream()).distinct().toList();
  }

  private static boolean isLoopback6(byte[] bytes) {
    for (int i = 0; i < 15; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return bytes[15] == 1;
  }

  private static boolean isPrivate4(byte[] bytes) {
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    return first == 10
        || (first == 172 && second >= 16 && second < 32)
        || (first == 192 && second == 168)
        || (first == 100 && second >= 64 && second < 128)
        || (first == 169 && second == 254);
  }
}
