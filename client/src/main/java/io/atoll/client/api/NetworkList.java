package io.atoll.client.api;

import java.util.List;

/// Private networks, by name.
public record NetworkList(List<NetworkView> networks) {
  public NetworkList {
    networks = List.copyOf(networks);
  }
}
