package io.atoll.p2p.reach;

/// Whether others can dial this node.
public enum Reachability {
  /// Nobody was asked, or those who were do not agree.
  UNKNOWN,
  /// At least at one address.
  PUBLIC,
  /// At none: it is to be reached through relays.
  PRIVATE
}
