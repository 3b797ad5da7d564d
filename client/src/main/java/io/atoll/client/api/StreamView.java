package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.time.Instant;

/// An open stream, by the names that it has at NuNet.
///
/// @param id grows with each stream of the daemon
/// @param stream_id the same among all streams of all peers
/// @param from_peer the peer at the other end
/// @param direction IN where the peer opened it
public record StreamView(
    long id,
    String stream_id,
    PeerId from_peer,
    Instant time_opened,
    String protocol,
    String direction) {}
