package io.atoll.client.api;

import java.time.Instant;

/// One line of a conversation.
///
/// @param seq grows by one with each line
/// @param mine whether it was written here
/// @param text one line without control characters
public record ChatLineView(long seq, boolean mine, String text, Instant at) {}
