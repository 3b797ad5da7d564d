package io.atoll.client.api;

/// A value was stored.
///
/// @param peers how many took it
public record DhtStored(String key, int peers) {}
