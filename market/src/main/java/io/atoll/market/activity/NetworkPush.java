package io.atoll.market.activity;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.term.NetworkId;
import java.util.Objects;

/// What a node is told of a private network that it holds a member of. Both ends know the form of
/// what is inside; this protocol does not.
///
/// @param mtu the longest packet of IP in it
/// @param definition what it is
/// @param change from a version of its member list to a later one, signed by its owner
public record NetworkPush(NetworkId network, int mtu, JsonNode definition, JsonNode change) {
  public NetworkPush {
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(definition, "definition");
    Objects.requireNonNull(change, "change");
  }
}
