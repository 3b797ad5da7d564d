package io.atoll.scheduler;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import java.util.Set;

/// A node as the scheduler sees it.
///
/// @param working drivers that work there
/// @param allowed drivers that its owner lets the hub use
/// @param bare whether payloads may run there without a sandbox
/// @param egress whether payloads may reach other networks from there
/// @param networked drivers whose payloads can be in private networks there
/// @param grown version of the view in which it could last do more than before: it came, or
///     something became free
public record NodeCapacity(
    PeerId id,
    String name,
    Standing standing,
    Resources total,
    Resources free,
    Set<String> working,
    Set<String> allowed,
    boolean bare,
    boolean egress,
    Set<String> networked,
    long grown) {
  public enum Standing {
    READY,
    /// Takes no new tasks; its owner or the operator wants it so.
    CORDONED,
    /// Joined, and not heard of since the hub started.
    NEW,
    /// Silent for a few heartbeats.
    SUSPECT,
    /// Silent for a lease.
    LOST
  }

  public NodeCapacity {
    working = Set.copyOf(working);
    allowed = Set.copyOf(allowed);
    networked = Set.copyOf(networked);
  }

  /// One that knows no private networks.
  public NodeCapacity(
      PeerId id,
      String name,
      Standing standing,
      Resources total,
      Resources free,
      Set<String> working,
      Set<String> allowed,
      boolean bare,
      boolean egress,
      long grown) {
    this(id, name, standing, total, free, working, allowed, bare, egress, Set.of(), grown);
  }

  /// Whether the task may go here as far as its owner's choice of a node goes.
  boolean isAskedFor(Need need) {
    return need.node() == null || need.node().equals(id.text()) || need.node().equals(name);
  }

  /// Whether it would take the need if it were idle and here.
  public boolean suits(Need need) {
    return isAskedFor(need)
        && working.contains(need.driver())
        && allowed.contains(need.driver())
        && (!need.bare() || bare)
        && (!need.egress() || egress)
        && (!need.networked() || networked.contains(need.driver()))
        && !need.avoid().contains(id)
        && need.resources().fitsIn(total);
  }

  /// Whether it can take the need now, `free` being what is left of it.
  boolean takes(Need need, Resources left) {
    return standing == Standing.READY && need.resources().fitsIn(left) && suits(need);
  }
}
