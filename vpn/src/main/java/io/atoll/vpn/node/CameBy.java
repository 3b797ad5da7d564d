package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.path.PathEvent;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.UdpPath;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// A way on which something of a node came, and what there is to tell of it again and again.
///
/// @param way the same, as the machine of its paths names it
/// @param asked null if it is no address
record CameBy(
    Path from, io.atoll.vpn.path.Path way, PathEvent.Heard heard, PathEvent.@Nullable Asked asked) {
  static CameBy of(Path from) {
    io.atoll.vpn.path.Path way =
        switch (from) {
          case UdpPath(InetSocketAddress address) -> new io.atoll.vpn.path.Path.Direct(address);
          case RelayPath(PeerId relay, PeerId _) -> new io.atoll.vpn.path.Path.Relayed(relay);
          default -> new io.atoll.vpn.path.Path.Stream();
        };
    return new CameBy(
        from,
        way,
        new PathEvent.Heard(way),
        from instanceof UdpPath(InetSocketAddress address) ? new PathEvent.Asked(address) : null);
  }

  /// The one that was known, if it is of that way; mostly it is the same object.
  @SuppressWarnings("ReferenceEquality")
  static CameBy of(Path from, @Nullable CameBy known) {
    return known != null && (known.from == from || known.from.equals(from)) ? known : of(from);
  }

  boolean isFrom(InetSocketAddress address) {
    return from instanceof UdpPath(InetSocketAddress last) && last.equals(address);
  }
}
