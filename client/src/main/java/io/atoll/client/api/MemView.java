package io.atoll.client.api;

/// Memory of a provider's machine, in GiB.
///
/// @param gib free for tasks now
/// @param total installed
public record MemView(double gib, double total) {}
