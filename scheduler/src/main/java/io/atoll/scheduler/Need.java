package io.atoll.scheduler;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a task asks of a node. Tasks with equal needs are interchangeable but for their order.
///
/// @param egress whether it publishes ports, for which a node must let payloads out
/// @param node peer id or name of the only node it may go to; null = any
/// @param networked whether it is in private networks
/// @param avoid nodes where it failed to start lately
public record Need(
    String driver,
    boolean bare,
    boolean egress,
    boolean networked,
    @Nullable String node,
    Resources resources,
    Set<PeerId> avoid) {
  public Need {
    avoid = Set.copyOf(avoid);
  }

  /// Of a task in no network.
  public Need(
      String driver,
      boolean bare,
      boolean egress,
      @Nullable String node,
      Resources resources,
      Set<PeerId> avoid) {
    this(driver, bare, egress, false, node, resources, avoid);
  }
}
