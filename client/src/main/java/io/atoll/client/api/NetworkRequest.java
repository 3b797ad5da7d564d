package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// A private network that is wanted.
///
/// @param cidr its block of private addresses of IPv4; absent = one that no other network has
/// @param allProviders whether each provider's machine is itself a member
public record NetworkRequest(
    @Nullable String name, @Nullable String cidr, @Nullable Boolean allProviders) {}
