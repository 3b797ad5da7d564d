package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.util.List;

/// How packets get from one member of a network to another, as the first one's node sees it.
///
/// @param from and
/// @param to names of members
/// @param fromNode and
/// @param toNode where they are
/// @param verdict one line
/// @param tried each way that was tried, the best first
/// @param fix what to do so that they get there directly; empty where nothing is to be done
public record PathView(
    String from,
    String to,
    PeerId fromNode,
    PeerId toNode,
    String verdict,
    List<TriedWay> tried,
    List<String> fix) {
  public PathView {
    tried = List.copyOf(tried);
    fix = List.copyOf(fix);
  }
}
