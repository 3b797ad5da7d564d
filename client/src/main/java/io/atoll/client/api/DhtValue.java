package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A value of the DHT.
///
/// @param data in base64: what its author signed, where somebody did; else the value as it is
/// @param text the same, where it is text
/// @param author who signed it
/// @param sequence of two by one author the higher counts
public record DhtValue(
    String key,
    String data,
    @Nullable String text,
    @Nullable PeerId author,
    @Nullable Long sequence,
    @Nullable Instant expires) {}
