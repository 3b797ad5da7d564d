package io.atoll.client.api;

/// Where an offered file goes.
///
/// @param folder absolute path on the daemon's machine
public record TransferTarget(String folder) {}
