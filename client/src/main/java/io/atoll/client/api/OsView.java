package io.atoll.client.api;

/// @param name of the distribution or system, with its version
public record OsView(String name) {}
