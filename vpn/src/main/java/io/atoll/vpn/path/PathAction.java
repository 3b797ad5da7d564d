package io.atoll.vpn.path;

/// What whoever drives the machine of a path does for it.
public sealed interface PathAction {
  /// Sends a probe that way, a [Path.Direct] or a [Path.Relayed]; the answer to it carries the
  /// token.
  record Probe(Path over, long token) implements PathAction {}

  /// Sends packets that way from now on.
  ///
  /// @param proven whether something has answered there; else it is but the best guess
  record Use(Path path, boolean proven, String why) implements PathAction {}

  /// Tells the node by another way where this one is, so that both try at the same time: a gateway
  /// lets in what it has seen going out.
  record Call() implements PathAction {}
}
