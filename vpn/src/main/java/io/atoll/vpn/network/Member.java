package io.atoll.vpn.network;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import java.util.Objects;

/// A workload, a device or a whole node in a network.
///
/// @param id its own in the network, such as the id of a run; never reused for another
/// @param name a label of DNS; several members may share one, such as the replicas of a service
/// @param node on which it is
public record Member(String id, String name, PeerId node, IpAddress v4, IpAddress v6) {
  private static final int LONGEST_ID = 96;

  public Member {
    Objects.requireNonNull(node, "the node of a member");
    if (id.isEmpty() || id.length() > LONGEST_ID) {
      throw new IllegalArgumentException("the id of a member has " + id.length() + " characters");
    }
    if (!Network.isLabel(name)) {
      throw new IllegalArgumentException("not the name of a member");
    }
    if (!v4.isV4() || v6.isV4()) {
      throw new IllegalArgumentException("a member has an address of IPv4 and one of IPv6");
    }
  }
}
