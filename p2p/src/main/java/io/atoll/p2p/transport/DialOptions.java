package io.atoll.p2p.transport;

import io.atoll.core.identity.PeerId;
import java.time.Duration;

/// @param expected who must answer; anybody else is hung up on
/// @param timeout for the whole: name, connection, handshake
public record DialOptions(PeerId expected, Duration timeout) {}
