package io.atoll.daemon.gate;

import io.atoll.core.term.IpAddress;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a path of the API leads to.
///
/// ```
///   /api/v1/networks/NETWORK/tcp/HOST/PORT
///   /api/v1/networks/NETWORK/udp/HOST/PORT
///   /api/v1/networks/NETWORK/raw/ADDRESS
/// ```
public sealed interface GateTarget {
  record Tcp(String network, String host, int port) implements GateTarget {}

  record Udp(String network, String host, int port) implements GateTarget {}

  record Raw(String network, String address) implements GateTarget {}

  /// The packets between two addresses, of which the first is the caller's.
  record Pair(String network, IpAddress from, IpAddress to) implements GateTarget {}

  /// @param path decoded
  /// @return null for any other path
  static @Nullable GateTarget parse(String path) {
    List<String> parts = Arrays.asList(path.split("/", -1));
    if (parts.size() < 7 || !parts.subList(0, 4).equals(List.of("", "api", "v1", "networks"))) {
      return null;
    }
    String network = parts.get(4);
    String host = parts.get(6);
    if (network.isEmpty() || host.isEmpty()) {
      return null;
    }
    if (parts.size() == 7) {
      return parts.get(5).equals("raw") ? new Raw(network, host) : null;
    }
    int port = parts.size() == 8 ? port(parts.get(7)) : -1;
    if (port < 0) {
      return null;
    }
    return switch (parts.get(5)) {
      case "tcp" -> new Tcp(network, host, port);
      case "udp" -> new Udp(network, host, port);
      default -> null;
    };
  }

  /// @return -1 for what is none
  static int port(String text) {
    if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    int port = Integer.parseInt(text);
    return port >= 1 && port <= 65_535 ? port : -1;
  }
}
