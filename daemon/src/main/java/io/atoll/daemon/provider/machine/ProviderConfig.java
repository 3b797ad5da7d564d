package io.atoll.daemon.provider.machine;

import io.atoll.core.term.Resources;
import io.atoll.market.agreement.Networking;
import java.util.List;
import java.util.Map;

/// What this machine is and has; an `Offer` without the terms, which differ from hub to hub.
///
/// @param drivers those that work here
/// @param bootId names this start of the machine
/// @param deep drivers whose runs can give their memory back while they are suspended
/// @param networking what it can do in private networks
public record ProviderConfig(
    String name,
    String version,
    String os,
    String arch,
    Resources total,
    List<String> drivers,
    List<String> missing,
    Map<String, String> labels,
    String bootId,
    List<String> deep,
    Networking networking) {
  public ProviderConfig {
    drivers = List.copyOf(drivers);
    missing = List.copyOf(missing);
    labels = Map.copyOf(labels);
    deep = List.copyOf(deep);
  }

  public ProviderConfig(
      String name,
      String version,
      String os,
      String arch,
      Resources total,
      List<String> drivers,
      List<String> missing,
      Map<String, String> labels,
      String bootId) {
    this(name, version, os, arch, total, drivers, missing, labels, bootId, List.of());
  }

  public ProviderConfig(
      String name,
      String version,
      String os,
      String arch,
      Resources total,
      List<String> drivers,
      List<String> missing,
      Map<String, String> labels,
      String bootId,
      List<String> deep) {
    this(name, version, os, arch, total, drivers, missing, labels, bootId, deep, Networking.NONE);
  }
}
