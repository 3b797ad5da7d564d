package io.atoll.p2p.portmap;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where packets to the internet go first, as Linux's table of routes says.
final class DefaultGateway {
  private static final Path ROUTES = Path.of("/proc/net/route");
  private static final int UP_AND_GATEWAY = 3;

  private record Route(Inet4Address gateway, long metric) {}

  private DefaultGateway() {}

  /// None without a network, and on systems that do not say.
  static Optional<Inet4Address> find() {
    try {
      return read(Files.readAllLines(ROUTES, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// The gateway of the default route with the smallest metric.
  static Optional<Inet4Address> read(List<String> lines) {
    return lines.stream()
        .flatMap(DefaultGateway::route)
        .min(Comparator.comparingLong(Route::metric))
        .map(Route::gateway);
  }

  /// A line: interface, destination, gateway, flags, counters, metric, mask …; numbers of addresses
  /// as this machine keeps them, little end first.
  private static Stream<Route> route(String line) {
    String[] words = line.split("\t", -1);
    try {
      if (words.length < 8
          || !words[1].equals("00000000")
          || !words[7].equals("00000000")
          || (Integer.parseInt(words[3], 16) & UP_AND_GATEWAY) != UP_AND_GATEWAY) {
        return Stream.empty();
      }
      int address = Integer.reverseBytes(Integer.parseUnsignedInt(words[2], 16));
      byte[] bytes = {
        (byte) (address >>> 24), (byte) (address >>> 16), (byte) (address >>> 8), (byte) address
      };
      return Stream.of(
          new Route((Inet4Address) InetAddress.getByAddress(bytes), Long.parseLong(words[6])));
    } catch (NumberFormatException | UnknownHostException e) {
      return Stream.empty();
    }
  }
}
