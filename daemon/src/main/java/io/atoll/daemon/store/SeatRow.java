package io.atoll.daemon.store;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import org.jspecify.annotations.Nullable;

/// An address in a network and who has it, in the store. A task has its own from when it was
/// submitted until it has ended, whether it runs or not.
///
/// @param holder the id of the task or the node, the name of the device
/// @param name what it is called in the network
/// @param fixed the address was asked for
/// @param member what the network knows it by while packets reach it, such as the id of a run; null
///     = they do not now
/// @param node where it is; null exactly if `member` is
public record SeatRow(
    NetworkId network,
    String holder,
    Kind kind,
    String name,
    IpAddress v4,
    IpAddress v6,
    boolean fixed,
    @Nullable String member,
    @Nullable PeerId node) {
  /// Who has a seat.
  public enum Kind {
    TASK,
    /// The machine of a provider.
    NODE,
    /// Of a person, with a client of WireGuard.
    DEVICE,
    /// Where the hub lets its callers in.
    GATE
  }

  public SeatRow {
    if ((member == null) != (node == null)) {
      throw new IllegalArgumentException("a seat is taken by a member on a node, or by none");
    }
  }

  /// Taken by a member, or by none.
  public SeatRow with(@Nullable String newMember, @Nullable PeerId newNode) {
    return new SeatRow(network, holder, kind, name, v4, v6, fixed, newMember, newNode);
  }

  /// At another address, which was asked for.
  public SeatRow at(IpAddress newV4, IpAddress newV6) {
    return new SeatRow(network, holder, kind, name, newV4, newV6, true, member, node);
  }
}
