package io.atoll.daemon.peers;

import io.atoll.p2p.swarm.ResourceLimits;
import io.atoll.p2p.swarm.ScopeLimit;
import io.atoll.p2p.swarm.Watermarks;
import java.time.Duration;
import java.util.Locale;

/// What kind of place a node stands in.
public enum Profile {
  /// Same-LAN peers are met with no switch.
  HOME(100),
  /// A link that is thin, or paid by the byte.
  MOBILE(16),
  /// A data centre, whose operator takes dials to private ranges for a scan.
  SERVER(1000);

  private final int handshakes;

  Profile(int handshakes) {
    this.handshakes = handshakes;
  }

  /// Strangers that shake hands at once, and peers that discovery keeps, unless it is said.
  public int handshakes() {
    return handshakes;
  }

  /// As settings have it.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  Watermarks watermarks() {
    return switch (this) {
      case HOME -> Watermarks.defaults();
      case MOBILE -> new Watermarks(64, 96, Duration.ofSeconds(20), Duration.ofSeconds(10));
      case SERVER -> new Watermarks(1280, 1600, Duration.ofSeconds(20), Duration.ofSeconds(10));
    };
  }

  /// Whether private ranges are neither dialled nor told of.
  boolean publicOnly() {
    return this == SERVER;
  }

  ResourceLimits limits() {
    ResourceLimits usual = ResourceLimits.defaults();
    return switch (this) {
      case HOME, MOBILE -> usual;
      case SERVER ->
          usual.withSystem(new ScopeLimit(2048, 1024, 2560, 16384, 16384, 32768, 512L << 20));
    };
  }
}
