package io.atoll.market.activity;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import java.util.Objects;

/// A private network that a run is in. Its member there has the run's id.
///
/// @param v4 its address when it was ordered; what counts is the network's member list
public record NetworkSeat(NetworkId network, IpAddress v4) {
  public NetworkSeat {
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(v4, "v4");
  }
}
