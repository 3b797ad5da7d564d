package io.atoll.scheduler.model;

import java.util.Map;
import java.util.Set;

/// What a provider is, apart from who it is and how much of it is free. Providers with equal
/// traits are one class, and what a task demands is compared once with each class (Borg's
/// equivalence classes, Verma et al., EuroSys 2015, 3.4).
///
/// @param arch such as `amd64`
/// @param drivers those that work there
/// @param allowed those that its owner lets the hub use
/// @param suspends drivers whose runs can stand still
/// @param deep drivers whose runs can give their memory back meanwhile
/// @param networked drivers whose runs can be in private networks
/// @param bare whether payloads may run there without a sandbox
/// @param egress whether payloads may reach other networks from there
/// @param location where it is, such as `eu-west`; empty = not said
/// @param trust by what it may be trusted: its owner, a circle, an attestation
public record Traits(
    String arch,
    Set<String> drivers,
    Set<String> allowed,
    Set<String> suspends,
    Set<String> deep,
    Set<String> networked,
    boolean bare,
    boolean egress,
    Map<String, String> labels,
    String location,
    Set<String> trust) {
  public Traits {
    drivers = Set.copyOf(drivers);
    allowed = Set.copyOf(allowed);
    suspends = Set.copyOf(suspends);
    deep = Set.copyOf(deep);
    networked = Set.copyOf(networked);
    labels = Map.copyOf(labels);
    trust = Set.copyOf(trust);
  }

  /// One that can do with its drivers whatever can be done, and has nothing else to say.
  public static Traits of(String arch, Set<String> drivers) {
    return new Traits(
        arch, drivers, drivers, drivers, drivers, drivers, true, true, Map.of(), "", Set.of());
  }

  public Traits labelled(Map<String, String> labels, String location, Set<String> trust) {
    return new Traits(
        arch, drivers, allowed, suspends, deep, networked, bare, egress, labels, location, trust);
  }

  /// Whose runs stand still, and give their memory back, only with these drivers.
  public Traits suspending(Set<String> suspends, Set<String> deep) {
    return new Traits(
        arch, drivers, allowed, suspends, deep, networked, bare, egress, labels, location, trust);
  }
}
