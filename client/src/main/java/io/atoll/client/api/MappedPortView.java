package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// What became of a port of a daemon at its gateway.
///
/// @param protocol TCP or UDP
/// @param externalHost where others reach it, with `externalPort`; null where it is not mapped
/// @param by the protocol that the gateway speaks
/// @param cause why it is not mapped, in one word
/// @param detail the same, in a sentence
public record MappedPortView(
    String protocol,
    int port,
    @Nullable String externalHost,
    @Nullable Integer externalPort,
    @Nullable String by,
    @Nullable String cause,
    @Nullable String detail) {}
