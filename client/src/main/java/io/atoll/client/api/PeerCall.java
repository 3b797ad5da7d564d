package io.atoll.client.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where to dial a peer.
///
/// @param addresses multiaddrs; none = those that are known
public record PeerCall(@Nullable List<String> addresses) {}
