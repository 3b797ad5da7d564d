package io.atoll.client.api;

/// A provider answered.
///
/// @param millis round trip
public record PingView(double millis) {}
