package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// One address of a peer, tried.
///
/// @param transport tcp, ws, quic or relay
/// @param dialMillis until the peer had proven who it is; null if it did not
/// @param rttMillis of a ping after that
/// @param detail what failed; empty if it worked
public record TraceStep(
    String address,
    String transport,
    boolean reached,
    @Nullable Double dialMillis,
    @Nullable Double rttMillis,
    String detail) {}
