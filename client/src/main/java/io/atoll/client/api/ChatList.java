package io.atoll.client.api;

import java.util.List;

/// Conversations, oldest first.
public record ChatList(List<ChatView> chats) {}
