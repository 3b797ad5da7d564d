package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// A device that is wanted in a private network.
///
/// @param door the node that it speaks to, by id or name; absent = the hub's own machine
public record DeviceRequest(@Nullable String name, @Nullable String door) {}
