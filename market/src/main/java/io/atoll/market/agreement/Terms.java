package io.atoll.market.agreement;

import java.util.List;

/// What a hub may do with a provider that joined it. The provider sets and enforces it.
///
/// @param drivers which drivers it may use
/// @param bare whether it may run payloads without a sandbox; never by default
/// @param egress whether payloads may reach other networks; never by default. Published ports of
///     containers need it
public record Terms(List<String> drivers, boolean bare, boolean egress) {
  public Terms {
    drivers = List.copyOf(drivers);
  }
}
