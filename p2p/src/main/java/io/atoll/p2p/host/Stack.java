package io.atoll.p2p.host;

import io.atoll.p2p.pnet.NetworkKey;
import java.util.List;
import java.util.Optional;

/// What the connections of a host are made of.
///
/// @param securities most wanted first; whoever dials here may choose any of them
/// @param network the private network whose members alone are understood; empty = none
public record Stack(List<SecurityName> securities, Optional<NetworkKey> network) {
  /// The securities there are.
  public enum SecurityName {
    NOISE,
    TLS
  }

  public Stack {
    securities = List.copyOf(securities);
  }

  public static Stack standard() {
    return new Stack(List.of(SecurityName.NOISE, SecurityName.TLS), Optional.empty());
  }

  public Stack withSecurities(SecurityName... names) {
    return new Stack(List.of(names), network);
  }

  public Stack withNetwork(NetworkKey key) {
    return new Stack(securities, Optional.of(key));
  }
}
