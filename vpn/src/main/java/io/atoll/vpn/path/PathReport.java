package io.atoll.vpn.path;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a node is reached, and what was tried: what `atoll net why` tells.
///
/// @param path that packets take now
/// @param why it is this one
/// @param tried what was tried, the best first
public record PathReport(Path path, String why, List<Tried> tried) {
  public PathReport {
    tried = List.copyOf(tried);
  }

  /// Whether the way that packets take has answered.
  public boolean answered() {
    return tried.stream().anyMatch(one -> one.over().equals(path) && one.answers() > 0);
  }

  /// @param over a [Path.Direct] or a [Path.Relayed]
  /// @param kind how an address is known; null for a relay
  /// @param failures how often it carried packets and then fell silent
  /// @param rtt null while there was no answer
  /// @param refused what the system said when it did not want to send there; null if it did
  public record Tried(
      Path over,
      Candidate.@Nullable Kind kind,
      State state,
      int probes,
      int answers,
      int failures,
      @Nullable Duration rtt,
      @Nullable String refused) {}

  public enum State {
    /// It may carry packets.
    ALIVE,

    /// It answers again after it has failed, and is watched for a while.
    RECOVERING,

    /// There was no answer yet.
    TRYING,

    /// There were answers, and there are none any more.
    SILENT,

    /// The system does not send there.
    REFUSED
  }
}
