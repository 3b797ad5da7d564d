package io.atoll.p2p.relay;

import java.time.Duration;

/// What a relay grants one circuit; 0 = it does not say.
///
/// @param duration in whole seconds; js relays send milliseconds there, so it is shown and not used
/// @param data bytes, each way
public record CircuitLimit(Duration duration, long data) {
  public static final CircuitLimit NONE = new CircuitLimit(Duration.ZERO, 0);
}
