package io.atoll.client.api;

/// A value that is kept for somebody.
///
/// @param key what of it is no text is replaced
/// @param received when it came, RFC 3339; empty where nobody says
public record DhtRecord(String key, int bytes, String received) {}
