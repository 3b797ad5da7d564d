package io.atoll.daemon.unlimited;

import java.util.List;

/// A provider that is connected.
///
/// @param peerAddr from where, as `host:port`; empty = not known
/// @param tags its labels, as `name=value`
public record PeerInfo(String nodeId, String nodeName, String peerAddr, List<String> tags) {
  public PeerInfo {
    tags = List.copyOf(tags);
  }
}
