package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.network.RouteTable;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.route.Owners;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whose session an inner address belongs to, by the table of members that the switch has anyway.
/// Any thread asks; exchanged as a whole.
final class Owned implements Owners<Peer> {
  private static final long MAPPED = 0xffff_0000_0000L;

  /// @param peers by the number of their node in the table
  private record View(RouteTable table, @Nullable Peer[] peers) {}

  private volatile View view;

  Owned(RouteTable table, Map<PeerId, Peer> peers) {
    this.view = view(table, peers);
  }

  void update(RouteTable table, Map<PeerId, Peer> peers) {
    view = view(table, peers);
  }

  private static View view(RouteTable table, Map<PeerId, Peer> peers) {
    @Nullable Peer[] byNode = new Peer[table.nodes().size()];
    for (int i = 0; i < byNode.length; i++) {
      byNode[i] = peers.get(table.node(i));
    }
    return new View(table, byNode);
  }

  @Override
  public @Nullable Peer ownerOf4(int address) {
    View now = view;
    return owner(now, now.table.find(0, MAPPED | (address & 0xffff_ffffL)));
  }

  @Override
  public @Nullable Peer ownerOf6(long high, long low) {
    View now = view;
    // What looks like IPv4 in IPv6 belongs to nobody.
    return high == 0 ? null : owner(now, now.table.find(high, low));
  }

  private static @Nullable Peer owner(View now, int found) {
    return found < 0 ? null : now.peers[now.table.nodeOf(found)];
  }
}
