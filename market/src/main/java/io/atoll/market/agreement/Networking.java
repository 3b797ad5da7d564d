package io.atoll.market.agreement;

import java.util.List;

/// What a provider can do in private networks.
///
/// @param drivers those whose runs can be in one
/// @param readdress those of them whose runs can get another address while they run
/// @param host its own machine may be a member
public record Networking(List<String> drivers, List<String> readdress, boolean host) {
  public static final Networking NONE = new Networking(List.of(), List.of(), false);

  public Networking {
    drivers = List.copyOf(drivers);
    readdress = List.copyOf(readdress);
  }
}
