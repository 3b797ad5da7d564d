package io.atoll.market.activity;

import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One run that a provider should have. The provider journals it whole before it does anything, so
/// that a hub which lost its newest records can take the run over from the provider's report.
///
/// @param run task and epoch
/// @param workload what to run
/// @param desired what should be true of it
/// @param graceSeconds between asking to end and ending it
/// @param timeLimitSeconds after which the provider stops it; 0 = none
/// @param keepSeconds how long the provider lets it go on without hearing from the hub; 0 = for
/// ever
/// @param authority by whose right
/// @param task the hub's own description of the task (JSON), kept for it and not read by the
/// provider
/// @param deep it should also give its memory back while it is suspended; only with SUSPEND. An
/// older provider suspends it in memory
/// @param networks the private networks that it is in, told of before; null from an older hub: none
public record Order(
    RunId run,
    Workload workload,
    Desired desired,
    long graceSeconds,
    long timeLimitSeconds,
    long keepSeconds,
    Authority authority,
    String task,
    boolean deep,
    @Nullable List<NetworkSeat> networks) {
  public Order {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(workload, "workload");
    Objects.requireNonNull(desired, "desired");
    Objects.requireNonNull(authority, "authority");
    Objects.requireNonNull(task, "task");
    if (graceSeconds < 0 || timeLimitSeconds < 0 || keepSeconds < 0) {
      throw new IllegalArgumentException("durations of an order are never negative");
    }
    if (deep && desired != Desired.SUSPEND) {
      throw new IllegalArgumentException("only what is suspended gives its memory back");
    }
    networks = networks == null || networks.isEmpty() ? null : List.copyOf(networks);
  }

  /// The networks that it is in.
  public List<NetworkSeat> seats() {
    return networks == null ? List.of() : networks;
  }

  /// One in no network.
  public Order(
      RunId run,
      Workload workload,
      Desired desired,
      long graceSeconds,
      long timeLimitSeconds,
      long keepSeconds,
      Authority authority,
      String task,
      boolean deep) {
    this(
        run,
        workload,
        desired,
        graceSeconds,
        timeLimitSeconds,
        keepSeconds,
        authority,
        task,
        deep,
        null);
  }

  public Order(
      RunId run,
      Workload workload,
      Desired desired,
      long graceSeconds,
      long timeLimitSeconds,
      long keepSeconds,
      Authority authority,
      String task) {
    this(
        run,
        workload,
        desired,
        graceSeconds,
        timeLimitSeconds,
        keepSeconds,
        authority,
        task,
        false);
  }
}
