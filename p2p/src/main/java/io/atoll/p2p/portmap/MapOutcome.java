package io.atoll.p2p.portmap;

import java.net.InetSocketAddress;
import java.time.Duration;

/// What became of a wish to be reachable at a port.
public sealed interface MapOutcome {
  /// @param external where others reach the port; behind two NATs this may be a private address
  /// @param lifetime how long the gateway promised to keep it
  /// @param by the protocol that it speaks
  record Mapped(InetSocketAddress external, Duration lifetime, String by) implements MapOutcome {}

  /// @param text what was tried, on what, and what came of it
  record NotMapped(Cause cause, String text) implements MapOutcome {}

  /// From the least to the most telling: of several ways that failed, the last one here is told.
  enum Cause {
    /// There is no gateway to ask: no network, or one without a way out.
    NO_GATEWAY,
    /// Nobody there speaks the protocol, or a firewall is in between.
    NO_ANSWER,
    /// The gateway answered that it does not do this.
    NOT_SUPPORTED,
    /// It answered something that the protocol does not allow.
    MALFORMED,
    /// It has no address on the internet itself, now.
    NO_EXTERNAL_ADDRESS,
    /// It has no port or no memory left, now.
    NO_RESOURCES,
    /// It is set up not to allow it.
    REFUSED
  }
}
