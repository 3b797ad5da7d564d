package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// @param name null = made of the time
public record SnapshotRequest(@Nullable String name) {}
