package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// Another address for a member.
///
/// @param address of IPv4; the one of IPv6 follows from it
public record AddressRequest(@Nullable String address) {}
