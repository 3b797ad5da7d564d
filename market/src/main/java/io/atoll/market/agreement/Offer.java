package io.atoll.market.agreement;

import io.atoll.core.term.Resources;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a provider sells now.
///
/// @param name what people call the node
/// @param version of the daemon
/// @param os such as `linux`
/// @param arch such as `amd64`
/// @param total what it shares in all
/// @param drivers those that work there
/// @param missing limits that this machine cannot enforce, one sentence each
/// @param labels set by the operator
/// @param terms what the hub may do
/// @param deep drivers whose runs can give their memory back while they are suspended; null from
///     older versions: none
/// @param networking what it can do in private networks; null from older versions: nothing
public record Offer(
    String name,
    String version,
    String os,
    String arch,
    Resources total,
    List<String> drivers,
    List<String> missing,
    Map<String, String> labels,
    Terms terms,
    @Nullable List<String> deep,
    @Nullable Networking networking) {
  public Offer {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(os, "os");
    Objects.requireNonNull(arch, "arch");
    Objects.requireNonNull(total, "total");
    Objects.requireNonNull(terms, "terms");
    drivers = List.copyOf(drivers);
    missing = List.copyOf(missing);
    labels = Map.copyOf(labels);
    deep = deep == null ? null : List.copyOf(deep);
  }

  public Offer(
      String name,
      String version,
      String os,
      String arch,
      Resources total,
      List<String> drivers,
      List<String> missing,
      Map<String, String> labels,
      Terms terms) {
    this(name, version, os, arch, total, drivers, missing, labels, terms, null, null);
  }

  public Offer(
      String name,
      String version,
      String os,
      String arch,
      Resources total,
      List<String> drivers,
      List<String> missing,
      Map<String, String> labels,
      Terms terms,
      @Nullable List<String> deep) {
    this(name, version, os, arch, total, drivers, missing, labels, terms, deep, null);
  }

  /// Drivers whose runs can be in private networks.
  public List<String> networked() {
    return networking == null ? List.of() : networking.drivers();
  }

  /// Whether runs of this driver can get another address while they run.
  public boolean readdresses(String driver) {
    return networking != null && networking.readdress().contains(driver);
  }

  /// Whether the machine itself may be a member of private networks.
  public boolean hostInNetworks() {
    return networking != null && networking.host();
  }

  /// Whether runs of this driver can give their memory back.
  public boolean deep(String driver) {
    List<String> able = deep;
    return able != null && able.contains(driver);
  }
}
