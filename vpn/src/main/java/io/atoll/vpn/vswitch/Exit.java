package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.network.Egress.Resolver;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// The way out of a network on one node, for what its rules allow. Any thread; none of it waits.
public interface Exit {
  /// Takes a packet of IP of a member; it is copied. One of TCP may be a super-packet.
  ///
  /// @param verified whether its sums need not be checked
  /// @return whether there was room for it
  boolean leave(MemorySegment memory, long at, int bytes, boolean verified);

  /// Asks a name server outside.
  ///
  /// @param answered gets its answer, if one comes
  /// @return whether it was asked
  boolean ask(byte[] query, Resolver resolver, Consumer<byte[]> answered);

  /// Who had these addresses has left, or has others: what it had open outside is closed.
  void forget(IpAddress v4, IpAddress v6);
}
