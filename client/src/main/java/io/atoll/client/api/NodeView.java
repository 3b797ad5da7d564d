package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A provider that joined the hub.
///
/// @param state ONLINE; SUSPECT: silent for three heartbeats, nothing is given up; LOST: silent for
/// a
///     lease; NEW: joined and not heard of since the hub started
/// @param rttMillis last measured round trip; null if not connected
/// @param missing limits it cannot enforce
public record NodeView(
    PeerId id,
    String name,
    String state,
    String version,
    String os,
    String arch,
    Resources total,
    Resources free,
    List<String> drivers,
    List<String> missing,
    int runs,
    @Nullable Double rttMillis,
    Instant joinedAt,
    Instant changedAt) {}
