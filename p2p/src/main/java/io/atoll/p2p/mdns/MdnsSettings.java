package io.atoll.p2p.mdns;

import java.time.Duration;
import java.util.Set;

/// How a node looks for others on its network.
///
/// @param tag only peers with the same are found
/// @param announces whether others may find this node
/// @param port 5353; another one for tests
/// @param interfaces by name; empty for every one that is up and can multicast
/// @param first between the first two questions
/// @param longest between two questions later
public record MdnsSettings(
    ServiceTag tag,
    boolean announces,
    int port,
    Set<String> interfaces,
    Duration first,
    Duration longest) {
  public static final int PORT = 5353;

  public MdnsSettings {
    interfaces = Set.copyOf(interfaces);
  }

  public static MdnsSettings standard() {
    return new MdnsSettings(
        ServiceTag.STANDARD, true, PORT, Set.of(), Duration.ofSeconds(1), Duration.ofMinutes(1));
  }

  public MdnsSettings withTag(ServiceTag other) {
    return new MdnsSettings(other, announces, port, interfaces, first, longest);
  }

  /// Finds others and is not found.
  public MdnsSettings silent() {
    return new MdnsSettings(tag, false, port, interfaces, first, longest);
  }

  public MdnsSettings withPort(int other) {
    return new MdnsSettings(tag, announces, other, interfaces, first, longest);
  }

  public MdnsSettings on(String... names) {
    return new MdnsSettings(tag, announces, port, Set.of(names), first, longest);
  }

  public MdnsSettings withIntervals(Duration between, Duration later) {
    return new MdnsSettings(tag, announces, port, interfaces, between, later);
  }
}
