package io.atoll.client.cli;

import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Which peer a command is about, and where to dial it.
final class PeerTarget {
  private static final String PEER_PART = "/p2p/";

  @Parameters(
      paramLabel = "PEER",
      description = "Peer id, address that ends with /p2p/ID, or name of a node of the hub.")
  String peer = "";

  @Option(
      names = "--at",
      paramLabel = "ADDRESS",
      description = "Where to dial it; may be repeated. Default: where it is known to be.")
  List<String> at = List.of();

  /// An address names its peer at its end.
  String id() {
    return isAddress() ? peer.substring(peer.lastIndexOf(PEER_PART) + PEER_PART.length()) : peer;
  }

  List<String> addresses() {
    return isAddress() ? List.of(peer) : at;
  }

  private boolean isAddress() {
    return peer.startsWith("/") && peer.contains(PEER_PART);
  }
}
