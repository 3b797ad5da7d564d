package io.atoll.vpn.wireguard.route;

import org.jspecify.annotations.Nullable;

/// Whose an inner address is; asked for each packet by any thread, without making objects.
public interface Owners<T> {
  /// Null for an address that belongs to nobody.
  @Nullable T ownerOf4(int address);

  @Nullable T ownerOf6(long high, long low);
}
