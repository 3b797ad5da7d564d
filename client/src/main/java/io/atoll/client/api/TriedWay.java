package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// A way between two nodes that was tried.
///
/// @param way an address of UDP, or the id of a relay
/// @param kind local, mapped, observed, told, heard or relay
/// @param state alive, recovering, trying, silent or refused
/// @param millis the round trip; null while there was no answer
/// @param cause in words
public record TriedWay(
    String way, String kind, String state, @Nullable Double millis, String cause) {}
