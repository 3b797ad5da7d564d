package io.atoll.p2p.chat;

import java.time.Instant;

/// One line of a conversation.
///
/// @param seq grows by one with each line of this conversation
/// @param mine whether it was written here
/// @param text one plain line
public record ChatLine(long seq, boolean mine, String text, Instant at) {}
