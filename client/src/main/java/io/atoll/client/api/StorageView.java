package io.atoll.client.api;

/// Disk of a provider's machine.
///
/// @param gib GiB that are free for tasks now
public record StorageView(double gib) {}
