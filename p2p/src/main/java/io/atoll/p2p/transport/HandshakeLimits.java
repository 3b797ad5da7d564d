package io.atoll.p2p.transport;

import java.time.Duration;

/// What strangers may cost before they have proven who they are.
///
/// @param timeout for the whole handshake of one
/// @param pending handshakes at once
/// @param pendingPerHost handshakes at once from one IP address
public record HandshakeLimits(Duration timeout, int pending, int pendingPerHost) {
  public static HandshakeLimits defaults() {
    return new HandshakeLimits(Duration.ofSeconds(10), 128, 64);
  }
}
