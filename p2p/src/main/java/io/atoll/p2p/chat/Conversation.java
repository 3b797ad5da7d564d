package io.atoll.p2p.chat;

import io.atoll.core.identity.PeerId;

/// A peer, and what was said last.
///
/// @param unread lines of the peer that nobody has asked for
public record Conversation(PeerId peer, ChatLine last, int unread) {}
