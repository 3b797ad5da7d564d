package io.atoll.daemon.hub.machine;

import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where a node is reached, as it told it.
record NodeAddress(IpAddress address, int port) {
  /// From where it is.
  enum From {
    INTERNET,
    LOCAL_NETWORK,
    /// The same machine, or the same wire.
    BESIDE
  }

  private static final int LAST_PORT = 65_535;

  private static final List<Cidr> LOCAL =
      blocks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7");
  private static final List<Cidr> BESIDE =
      blocks("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10");

  private static List<Cidr> blocks(String... texts) {
    return Stream.of(texts).map(Cidr::parse).toList();
  }

  /// @param text `host:port`; empty if that is another way than by an address of IP
  static Optional<NodeAddress> parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, Math.max(0, colon));
    boolean inBrackets = host.startsWith("[") && host.endsWith("]");
    try {
      IpAddress address = IpAddress.parse(inBrackets ? host.substring(1, host.length() - 1) : host);
      int port = Integer.parseInt(text.substring(colon + 1));
      return port < 1 || port > LAST_PORT
          ? Optional.empty()
          : Optional.of(new NodeAddress(address, port));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  From from() {
    return isIn(BESIDE) ? From.BESIDE : isIn(LOCAL) ? From.LOCAL_NETWORK : From.INTERNET;
  }

  private boolean isIn(List<Cidr> blocks) {
    return blocks.stream().anyMatch(block -> block.contains(address));
  }

  @Override
  public String toString() {
    return (address.isV4() ? address.toString() : "[" + address + "]") + ":" + port;
  }
}
