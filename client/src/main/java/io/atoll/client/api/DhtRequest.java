package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// A value to be signed by the daemon and kept under `/atoll/KIND/ITS-PEER-ID`.
///
/// @param kind one word
/// @param text the value
/// @param validFor such as `24h`; null = 24 h
public record DhtRequest(String kind, String text, @Nullable String validFor) {}
