package io.atoll.client.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A wish to send a file.
///
/// @param file absolute path on the daemon's machine
/// @param peer peer id, multiaddr that ends with one, or name of a node of the hub
/// @param addresses multiaddrs where to dial it
public record TransferRequest(String file, String peer, @Nullable List<String> addresses) {}
