package io.atoll.runtime.image.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;

/// How registries are spoken to.
///
/// @param credentials who we are
/// @param usual registry of names that say none, as in `ImageName`; empty: they are refused
/// @param plain hosts (with their port) that are spoken to without TLS; loopback always is
/// @param answer how long a registry may take to begin its answer
/// @param stall how long a transfer may bring hardly anything
/// @param mostBlob bytes that one layer may have
/// @param mostImage bytes that all layers of an image may have, as they are sent
public record RegistrySettings(
    Credentials credentials,
    String usual,
    Set<String> plain,
    Duration answer,
    Duration stall,
    long mostBlob,
    long mostImage) {
  public RegistrySettings {
    plain = Set.copyOf(plain);
  }

  public static RegistrySettings usual(Credentials credentials) {
    return new RegistrySettings(
        credentials,
        ImageName.NONE,
        Set.of(),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        32L << 30,
        64L << 30);
  }

  public RegistrySettings within(Duration answer, Duration stall) {
    return new RegistrySettings(credentials, usual, plain, answer, stall, mostBlob, mostImage);
  }

  public RegistrySettings withUsual(String registry) {
    return new RegistrySettings(credentials, registry, plain, answer, stall, mostBlob, mostImage);
  }

  /// Whether the host, with its port, may be spoken to without TLS.
  boolean mayBePlain(String hostAndPort) {
    return plain.contains(hostAndPort) || loopback(hostAndPort);
  }

  static boolean loopback(String hostAndPort) {
    String host = host(hostAndPort);
    if (host.equals("localhost") || host.equals("[::1]")) {
      return true;
    }
    // Only an address: a name may mean anything.
    return host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  }

  /// Whether the host is one that only this machine reaches, or its neighbours on the wire.
  static boolean inward(String hostAndPort) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host(hostAndPort))) {
        if (address.isLoopbackAddress()
            || address.isLinkLocalAddress()
            || address.isAnyLocalAddress()) {
          return true;
        }
      }
      return false;
    } catch (UnknownHostException _) {
      return false;
    }
  }

  private static String host(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    return colon > hostAndPort.lastIndexOf(']') ? hostAndPort.substring(0, colon) : hostAndPort;
  }
}
