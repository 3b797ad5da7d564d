package io.atoll.client.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A line for a peer.
///
/// @param addresses multiaddrs where to dial it
public record ChatRequest(String text, @Nullable List<String> addresses) {}
