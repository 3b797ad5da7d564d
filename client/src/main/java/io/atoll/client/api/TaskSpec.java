package io.atoll.client.api;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.Workload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a user asks a hub for.
///
/// @param name what people call it, `[a-z0-9][a-z0-9-]{0,62}`; unique among tasks that have not
///     ended; null = the id serves
/// @param workload what to run
/// @param priority 1 to 100; more is more urgent
/// @param node the peer id or name of the only node it may run on; null = any
/// @param restart when a run that ended is followed by another
/// @param onDisconnect what happens when its node stays silent
/// @param timeLimitSeconds after which a run is stopped; 0 = none
/// @param graceSeconds between asking a run to end and ending it
/// @param networks the private networks that its runs are in; null in what an earlier version wrote
public record TaskSpec(
    @Nullable String name,
    Workload workload,
    int priority,
    @Nullable String node,
    Restart restart,
    OnDisconnect onDisconnect,
    long timeLimitSeconds,
    long graceSeconds,
    List<Seat> networks) {

  public TaskSpec(
      @Nullable String name,
      Workload workload,
      int priority,
      @Nullable String node,
      Restart restart,
      OnDisconnect onDisconnect,
      long timeLimitSeconds,
      long graceSeconds,
      @Nullable List<Seat> networks) {
    this.name = name;
    this.workload = workload;
    this.priority = priority;
    this.node = node;
    this.restart = restart;
    this.onDisconnect = onDisconnect;
    this.timeLimitSeconds = timeLimitSeconds;
    this.graceSeconds = graceSeconds;
    this.networks = networks == null ? List.of() : List.copyOf(networks);
  }

  /// One in no network.
  public TaskSpec(
      @Nullable String name,
      Workload workload,
      int priority,
      @Nullable String node,
      Restart restart,
      OnDisconnect onDisconnect,
      long timeLimitSeconds,
      long graceSeconds) {
    this(
        name,
        workload,
        priority,
        node,
        restart,
        onDisconnect,
        timeLimitSeconds,
        graceSeconds,
        List.of());
  }

  /// The same in other networks.
  public TaskSpec withNetworks(List<Seat> others) {
    return new TaskSpec(
        name,
        workload,
        priority,
        node,
        restart,
        onDisconnect,
        timeLimitSeconds,
        graceSeconds,
        others);
  }

  /// A place in a network.
  ///
  /// @param network its name
  /// @param address the one of IPv4 that is wanted; null = any that is free
  public record Seat(String network, @Nullable IpAddress address) {}

  /// @param policy when to run again after the payload ended by itself. What was not the payload's
  ///     doing (the node died, it could not be started) is counted apart and tried again up to
  ///     `faultAttempts` times whatever the policy, except with NEVER once the payload may have
  /// begun
  /// @param attempts how many runs that failed by themselves before the task fails; 0 = no bound
  /// @param faultAttempts how many runs lost by the node's fault before the task fails
  public record Restart(Policy policy, int attempts, int faultAttempts) {
    public enum Policy {
      NEVER,
      ON_FAILURE,
      ALWAYS
    }
  }

  public enum OnDisconnect {
    /// Wait for the node to return, however long.
    KEEP,
    /// Give the run up after the lease; the task fails.
    STOP,
    /// Give the run up after the lease and run it elsewhere; the silent node stops its run by
    /// itself.
    REPLACE
  }
}
