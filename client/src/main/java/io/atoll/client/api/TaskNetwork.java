package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// A network that a task is to be in, as a person or an app writes it.
///
/// @param network its name
/// @param address the one of IPv4 that is wanted; absent = any that is free
public record TaskNetwork(String network, @Nullable String address) {}
