package io.atoll.daemon;

import io.atoll.core.term.Resources;
import io.atoll.daemon.peers.NetworkSettings;
import io.atoll.market.payment.EthereumTerms;
import io.atoll.runtime.resource.OwnerRules;
import io.atoll.runtime.resource.Thresholds;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a daemon is told at its start.
///
/// @param dataDir everything it keeps
/// @param hub and
/// @param provider its roles
/// @param api where the API is served; port 0 = any
/// @param network where it listens for peers, and how it meets them
/// @param invites of hubs to join
/// @param name what people call this node
/// @param share what a provider offers; null = found out
/// @param bare whether hubs may run payloads without a sandbox
/// @param egress whether payloads may reach other networks
/// @param dockerSocket of the container engine; null = the usual places
/// @param microvm whether a provider offers virtual machines of container images
/// @param vm whether and how it offers whole virtual machines
/// @param registry of images whose names say none; empty: such names are refused
/// @param runtimes programs that keep runs and are no part of Atoll, by the name of their driver
/// @param labels of a provider
/// @param owner when the owner of a provider needs it
/// @param thresholds beyond which a provider takes no new work
/// @param payments what has to be paid before a provider takes work; null = nothing
/// @param net its part in private networks
/// @param supervisor the program that keeps each run
public record DaemonSettings(
    Path dataDir,
    boolean hub,
    boolean provider,
    InetSocketAddress api,
    NetworkSettings network,
    List<String> invites,
    String name,
    @Nullable Resources share,
    boolean bare,
    boolean egress,
    @Nullable Path dockerSocket,
    boolean microvm,
    Machines vm,
    String registry,
    Map<String, Path> runtimes,
    Map<String, String> labels,
    OwnerRules owner,
    Thresholds thresholds,
    @Nullable EthereumTerms payments,
    NetSettings net,
    Path supervisor) {
  /// How virtual machines come to life.
  public enum Machines {
    NONE,
    /// Each boots from its image.
    BOOTED,
    /// As copies of a template, once there is one of their image and size.
    CLONED
  }

  /// One that does the usual about private networks.
  public DaemonSettings(
      Path dataDir,
      boolean hub,
      boolean provider,
      InetSocketAddress api,
      NetworkSettings network,
      List<String> invites,
      String name,
      @Nullable Resources share,
      boolean bare,
      boolean egress,
      @Nullable Path dockerSocket,
      boolean microvm,
      Machines vm,
      String registry,
      Map<String, Path> runtimes,
      Map<String, String> labels,
      OwnerRules owner,
      Thresholds thresholds,
      @Nullable EthereumTerms payments,
      Path supervisor) {
    this(
        dataDir,
        hub,
        provider,
        api,
        network,
        invites,
        name,
        share,
        bare,
        egress,
        dockerSocket,
        microvm,
        vm,
        registry,
        runtimes,
        labels,
        owner,
        thresholds,
        payments,
        NetSettings.USUAL,
        supervisor);
  }

  public DaemonSettings {
    invites = List.copyOf(invites);
    runtimes = Map.copyOf(runtimes);
    labels = Map.copyOf(labels);
  }
}
