package io.atoll.p2p.filter;

import io.atoll.core.term.Resources;
import java.time.Duration;
import java.util.Optional;

/// What is known of a peer; anything may be missing.
///
/// @param rtt round trip, measured
/// @param resources that it offers
/// @param uptime for how long it runs
/// @param version of its program, such as `0.3.1`
/// @param location from large to small, such as `EU/DE/Berlin`, in its own words
/// @param kind what it is, such as `home`, `server`, `hub`
public record PeerFacts(
    Optional<Duration> rtt,
    Optional<Resources> resources,
    Optional<Duration> uptime,
    Optional<String> version,
    Optional<String> location,
    Optional<String> kind) {
  public static final PeerFacts NOTHING =
      new PeerFacts(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  public PeerFacts withRtt(Duration measured) {
    return new PeerFacts(Optional.of(measured), resources, uptime, version, location, kind);
  }

  public PeerFacts withResources(Resources offered) {
    return new PeerFacts(rtt, Optional.of(offered), uptime, version, location, kind);
  }

  public PeerFacts withUptime(Duration runs) {
    return new PeerFacts(rtt, resources, Optional.of(runs), version, location, kind);
  }

  public PeerFacts withVersion(String program) {
    return new PeerFacts(rtt, resources, uptime, Optional.of(program), location, kind);
  }

  public PeerFacts withLocation(String place) {
    return new PeerFacts(rtt, resources, uptime, version, Optional.of(place), kind);
  }

  public PeerFacts withKind(String name) {
    return new PeerFacts(rtt, resources, uptime, version, location, Optional.of(name));
  }
}
