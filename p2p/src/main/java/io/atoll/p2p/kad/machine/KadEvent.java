package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.util.List;
import java.util.Optional;

/// What can happen to the machine. Ids of queries and exchanges are the caller's; those of requests
/// come from the machine.
public sealed interface KadEvent {
  record Start(long query, KadGoal goal) implements KadEvent {}

  /// Does not store it anew any more.
  record Forget(ByteString key) implements KadEvent {}

  /// A peer asks something, on a connection that proves who it is.
  record Asked(long exchange, PeerId from, KadMessage request) implements KadEvent {}

  /// @param seenAt where the connection leads; unknown for a relayed one
  record Answered(long request, KadMessage answer, Optional<Multiaddr> seenAt)
      implements KadEvent {}

  record Failed(long request) implements KadEvent {}

  /// A connected peer says that it serves the protocol.
  record ServerSeen(Contact peer, Optional<Multiaddr> seenAt) implements KadEvent {}

  /// Where this node can be reached, and whether it serves the protocol.
  record Self(List<Multiaddr> addresses, boolean serves) implements KadEvent {}

  /// Some time went by: once a second or so.
  record Tick() implements KadEvent {}
}
