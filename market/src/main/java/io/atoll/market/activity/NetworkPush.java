package io.atoll.market.activity;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.term.NetworkId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a node is told of a private network that it holds a member of. Both ends know the form of
/// what is inside; this protocol does not.
///
/// @param mtu the longest packet of IP in it
/// @param definition what it is
/// @param change from a version of its member list to a later one, signed by its owner
/// @param devices those that the node lets in after it, signed by its owner and in base64; null
///     = as before, and none where the change is the whole
public record NetworkPush(
    NetworkId network, int mtu, JsonNode definition, JsonNode change, @Nullable String devices) {
  public NetworkPush {
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(definition, "definition");
    Objects.requireNonNull(change, "change");
  }

  /// The devices are as before.
  public NetworkPush(NetworkId network, int mtu, JsonNode definition, JsonNode change) {
    this(network, mtu, definition, change, null);
  }

  /// Without what is secret.
  @Override
  public String toString() {
    return "NetworkPush[" + network + ", " + change + "]";
  }
}
