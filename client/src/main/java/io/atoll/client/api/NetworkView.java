package io.atoll.client.api;

import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A private network.
///
/// @param mtu the longest packet of IP in it
/// @param domain in which the names of its members are
/// @param allProviders whether each provider's machine is itself a member
/// @param members how many have an address in it
/// @param version grows by one with each change of who is in it
/// @param egress what wanted to leave it; null from an earlier hub
public record NetworkView(
    NetworkId id,
    String name,
    Cidr v4,
    Cidr v6,
    int mtu,
    String domain,
    boolean allProviders,
    int members,
    long version,
    Instant createdAt,
    @Nullable EgressUse egress) {}
