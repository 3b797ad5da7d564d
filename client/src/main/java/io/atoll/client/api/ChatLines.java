package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.util.List;

/// Lines of a conversation, oldest first.
public record ChatLines(PeerId peer, List<ChatLineView> lines) {}
