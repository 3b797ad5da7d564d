package io.atoll.vpn.path;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a node is reached, and what was tried: what `atoll net why` tells.
///
/// @param path that packets take now
/// @param why it is this one
/// @param tried the addresses, the best first
public record PathReport(Path path, String why, List<Tried> tried) {
  public PathReport {
    tried = List.copyOf(tried);
  }

  /// @param rtt null while there was no answer
  /// @param refused what the system said when it did not want to send there; null if it did
  public record Tried(
      Candidate candidate,
      State state,
      int probes,
      int answers,
      @Nullable Duration rtt,
      @Nullable String refused) {}

  public enum State {
    ALIVE,
    TRYING,
    SILENT,
    REFUSED
  }
}
