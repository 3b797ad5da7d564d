package io.atoll.market.activity;

import io.atoll.core.term.NetworkId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where a node stands in a private network.
///
/// @param version of the member list that it has; 0 = it has none that it could use, and needs the
///     whole
/// @param key with which it seals packets there, signed by it, in base64; null = none yet
/// @param digest of the member list, by which hub and node notice that they mean different ones
///     by one version; only in a hello
/// @param door the key by which devices know it there, signed and written as `key` is; null = no
///     device does
/// @param devices the members that it lets in as devices; only in a hello, and null there too of a
///     node that knows none
public record NetworkStanding(
    NetworkId network,
    long version,
    @Nullable String key,
    @Nullable String digest,
    @Nullable String door,
    @Nullable List<String> devices) {
  /// More than a node lets in.
  private static final int MOST_DEVICES = 4096;

  public NetworkStanding {
    Objects.requireNonNull(network, "network");
    if (version < 0) {
      throw new IllegalArgumentException("a member list of version " + version);
    }
    devices = devices == null ? null : List.copyOf(devices);
    if (devices != null && devices.size() > MOST_DEVICES) {
      throw new IllegalArgumentException("more devices than a node lets in");
    }
  }

  public NetworkStanding(NetworkId network, long version, @Nullable String key) {
    this(network, version, key, null, null, null);
  }
}
