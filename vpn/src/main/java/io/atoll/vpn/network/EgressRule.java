package io.atoll.vpn.network;

import io.atoll.core.term.Cidr;
import java.util.Objects;

/// What becomes of packets that would leave a network for some addresses.
///
/// @param to the addresses outside that it is about
/// @param firstPort of the ports that it is about; 0 with `lastPort` 65535 for all
/// @param lastPort 65535 where the protocol has no ports
public record EgressRule(Cidr to, Protocol protocol, int firstPort, int lastPort, Action action) {
  private static final int LAST = 65_535;

  /// What a packet carries.
  public enum Protocol {
    ANY,
    TCP,
    UDP,
    ICMP
  }

  public enum Action {
    ALLOW,
    DENY
  }

  public EgressRule {
    Objects.requireNonNull(to, "where a rule leads to");
    Objects.requireNonNull(protocol, "the protocol of a rule");
    Objects.requireNonNull(action, "what a rule does");
    if (firstPort < 0 || lastPort > LAST || firstPort > lastPort) {
      throw new IllegalArgumentException(
          "ports " + firstPort + " to " + lastPort + ": expected some of 0 to 65535");
    }
    boolean every = firstPort == 0 && lastPort == LAST;
    if (!every && protocol != Protocol.TCP && protocol != Protocol.UDP) {
      throw new IllegalArgumentException("only TCP and UDP have ports");
    }
  }

  /// About all ports.
  public static EgressRule of(Cidr to, Protocol protocol, Action action) {
    return new EgressRule(to, protocol, 0, LAST, action);
  }

  public boolean everyPort() {
    return firstPort == 0 && lastPort == LAST;
  }

  /// As people read it: `allow tcp 192.0.2.0/24 ports 80-443`.
  @Override
  public String toString() {
    String ports =
        everyPort()
            ? ""
            : firstPort == lastPort ? " port " + firstPort : " ports " + firstPort + "-" + lastPort;
    return word(action) + " " + word(protocol) + " " + to + ports;
  }

  private static String word(Enum<?> of) {
    return of.name().toLowerCase(java.util.Locale.ROOT);
  }
}
