package io.atoll.daemon.unlimited;

import java.util.List;

/// A provider with what runs on it.
///
/// @param state as Atoll calls it: ONLINE, SUSPECT, LOST or NEW; no word of Golem Unlimited's
/// @param sessions its deployments
public record PeerDetails(
    String nodeId,
    String nodeName,
    String peerAddr,
    List<String> tags,
    String state,
    List<Deployment> sessions) {
  public PeerDetails {
    tags = List.copyOf(tags);
    sessions = List.copyOf(sessions);
  }
}
