package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import org.jspecify.annotations.Nullable;

/// A person's device in a private network, with a stock client of WireGuard.
///
/// @param name what it is called in the network
/// @param host its full name, such as `phone.mynet.internal`
/// @param publicKey its own, as `wg` prints it
/// @param door the node that it speaks to
/// @param doorName what people call that node; null for the hub's own machine where that is no
///     provider
/// @param doorKey by which it knows that node; null while the node has not told it
/// @param endpoint where that node is reached, `host:port` of UDP; null while it has not said
public record DeviceView(
    String id,
    String name,
    String host,
    IpAddress v4,
    IpAddress v6,
    String publicKey,
    PeerId door,
    @Nullable String doorName,
    @Nullable String doorKey,
    @Nullable String endpoint) {}
