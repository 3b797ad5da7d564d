package io.atoll.daemon.store;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.vpn.network.Egress;
import java.time.Instant;

/// A private network in the store.
///
/// @param owner whose signature makes its member list: the hub that made it
/// @param v4 its block; that of IPv6 follows from the id
/// @param mtu the longest packet of IP in it
/// @param allProviders each provider's machine is itself a member
/// @param version of who is in it; grows with each change
/// @param egress what may leave it; rows of before have none
public record NetworkRow(
    NetworkId id,
    String name,
    PeerId owner,
    Cidr v4,
    int mtu,
    boolean allProviders,
    long version,
    Instant createdAt,
    Egress egress) {
  @SuppressWarnings("RedundantNullCheck") // Jackson gives null for what a row lacks.
  public NetworkRow {
    egress = egress == null ? Egress.NONE : egress;
  }

  public NetworkRow withVersion(long newer) {
    return new NetworkRow(id, name, owner, v4, mtu, allProviders, newer, createdAt, egress);
  }

  public NetworkRow withEgress(Egress now) {
    return new NetworkRow(id, name, owner, v4, mtu, allProviders, version, createdAt, now);
  }
}
