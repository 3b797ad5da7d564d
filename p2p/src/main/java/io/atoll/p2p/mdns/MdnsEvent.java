package io.atoll.p2p.mdns;

/// What is counted.
public enum MdnsEvent {
  QUERY_SENT,
  ANSWER_SENT,
  /// A system without a route, an interface that just went.
  SEND_FAILED,
  /// From somewhere else than this network.
  FOREIGN_SOURCE,
  /// Dropped unread, beyond what is read in a second.
  TOO_MANY_PACKETS,
  MALFORMED,
  ASKED,
  FOUND,
  /// Peers that were not reported, beyond what is reported in a minute.
  TOO_MANY_FOUND
}
