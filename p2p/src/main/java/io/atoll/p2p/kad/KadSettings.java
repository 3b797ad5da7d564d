package io.atoll.p2p.kad;

import io.atoll.p2p.kad.machine.KadConfig;
import io.atoll.p2p.kad.machine.Validators;
import java.util.List;

/// How a node takes part in the DHT.
///
/// @param protocol the id on the wire; peers of another one are another network
/// @param serves whether others may ask this node: it should be reachable then. A client asks, and
///     is in nobody's table
/// @param bootstrap addresses with `/p2p/<id>` of those who are asked first
/// @param config numbers and limits
/// @param validators the namespaces of values
public record KadSettings(
    String protocol,
    boolean serves,
    List<String> bootstrap,
    KadConfig config,
    Validators validators) {
  public static final String PROTOCOL = "/atoll/kad/1.0.0";

  public KadSettings {
    bootstrap = List.copyOf(bootstrap);
  }

  public static KadSettings server(List<String> bootstrap) {
    return new KadSettings(PROTOCOL, true, bootstrap, KadConfig.defaults(), Validators.standard());
  }

  public static KadSettings client(List<String> bootstrap) {
    return new KadSettings(PROTOCOL, false, bootstrap, KadConfig.defaults(), Validators.standard());
  }

  public KadSettings withConfig(KadConfig other) {
    return new KadSettings(protocol, serves, bootstrap, other, validators);
  }
}
