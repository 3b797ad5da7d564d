package io.atoll.vpn.gateway.tcp;

/// A piece of the stream to send.
///
/// @param from the position of its first byte
/// @param fin whether the end of the stream is right behind it
record Chunk(long from, int length, boolean fin) {}
