package io.atoll.client.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How much to send to a peer and to take from it.
///
/// @param upload size, such as `16Mi`; null = 16 MiB
/// @param download the same
/// @param addresses multiaddrs where to dial it
public record BenchRequest(
    @Nullable String upload, @Nullable String download, @Nullable List<String> addresses) {}
