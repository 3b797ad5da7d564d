package io.atoll.client.api;

import io.atoll.core.identity.PeerId;

/// How fast the line to a peer is.
///
/// @param upload bytes
/// @param download bytes
/// @param transport of the connection that was measured
public record BenchView(
    PeerId peer,
    String way,
    String transport,
    long upload,
    double uploadMillis,
    long download,
    double downloadMillis,
    double rttMillis) {}
