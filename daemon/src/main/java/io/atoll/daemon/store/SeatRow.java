package io.atoll.daemon.store;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import org.jspecify.annotations.Nullable;

/// An address in a network and who has it, in the store. A task has its own from when it was
/// submitted until it has ended, whether it runs or not.
///
/// @param holder the id of the task, the node or the device, whatever reserved it
/// @param name what it is called in the network
/// @param fixed the address was asked for
/// @param member what the network knows it by while packets reach it, such as the id of a run; null
///     = they do not now
/// @param node where it is; null exactly if `member` is
/// @param keyId the app's key for whose tasks or packets alone it is; null = for no key in
///     particular
/// @param device by which keys it is known; null for what is none
public record SeatRow(
    NetworkId network,
    String holder,
    Kind kind,
    String name,
    IpAddress v4,
    IpAddress v6,
    boolean fixed,
    @Nullable String member,
    @Nullable PeerId node,
    @Nullable String keyId,
    @Nullable DeviceKeys device) {
  /// Who has a seat.
  public enum Kind {
    TASK,
    /// The machine of a provider.
    NODE,
    /// Of a person, with a client of WireGuard.
    DEVICE,
    /// Where the hub lets its callers in.
    GATE,
    /// Kept for tasks of one key: one at a time sits there, and leaves it to the next.
    RESERVED
  }

  public SeatRow {
    if ((member == null) != (node == null)) {
      throw new IllegalArgumentException("a seat is taken by a member on a node, or by none");
    }
    if (kind == Kind.RESERVED && keyId == null) {
      throw new IllegalArgumentException("a seat is reserved for the tasks of a key");
    }
    if ((kind == Kind.DEVICE) != (device != null)) {
      throw new IllegalArgumentException("a device, and nothing else, has keys of its own");
    }
  }

  /// One that is not for one key alone.
  public SeatRow(
      NetworkId network,
      String holder,
      Kind kind,
      String name,
      IpAddress v4,
      IpAddress v6,
      boolean fixed,
      @Nullable String member,
      @Nullable PeerId node) {
    this(network, holder, kind, name, v4, v6, fixed, member, node, null, null);
  }

  /// Taken by a member, or by none.
  public SeatRow with(@Nullable String newMember, @Nullable PeerId newNode) {
    return new SeatRow(
        network, holder, kind, name, v4, v6, fixed, newMember, newNode, keyId, device);
  }

  /// At another address, which was asked for.
  public SeatRow at(IpAddress newV4, IpAddress newV6) {
    return new SeatRow(
        network, holder, kind, name, newV4, newV6, true, member, node, keyId, device);
  }
}
