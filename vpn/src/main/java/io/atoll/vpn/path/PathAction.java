package io.atoll.vpn.path;

import java.net.InetSocketAddress;

/// What whoever drives the machine of a path does for it.
public sealed interface PathAction {
  /// Sends a probe; the answer to it carries the token.
  record Probe(InetSocketAddress address, long token) implements PathAction {}

  /// Sends packets that way from now on.
  record Use(Path path, String why) implements PathAction {}
}
