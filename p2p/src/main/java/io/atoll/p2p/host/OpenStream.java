package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import java.time.Instant;

/// A stream that is open now, on whose protocol both ends agreed.
///
/// @param id grows with each stream of this host
/// @param inbound whether the peer opened it
public record OpenStream(long id, PeerId peer, String protocol, boolean inbound, Instant opened) {}
