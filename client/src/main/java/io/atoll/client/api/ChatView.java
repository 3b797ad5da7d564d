package io.atoll.client.api;

import io.atoll.core.identity.PeerId;

/// A conversation with a peer.
///
/// @param unread lines of the peer that nobody has asked for
public record ChatView(PeerId peer, ChatLineView last, int unread) {}
