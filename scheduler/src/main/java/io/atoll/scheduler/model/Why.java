package io.atoll.scheduler.model;

import io.atoll.core.identity.PeerId;
import java.util.List;
import java.util.Optional;

/// Why a task waits: what stands between it and each provider, and the smallest changes that
/// remove it.
///
/// @param summary one sentence
/// @param change what would help, for people; empty = only time does
/// @param nodes what each lacks, the nearest first
/// @param now the smallest change with which it has a place now; nothing where none has
/// @param ever the smallest change with which some provider could take it if that had nothing
///     else to do; nothing where one could already, or none ever will
public record Why(
    String summary,
    String change,
    List<Node> nodes,
    Optional<Suggestion> now,
    Optional<Suggestion> ever) {
  /// @param reasons none = it could take the task now
  public record Node(PeerId id, String name, List<Reason> reasons) {
    public Node {
      reasons = List.copyOf(reasons);
    }
  }

  public enum Kind {
    NODE,
    STANDING,
    DRIVER,
    RIGHT,
    ARCHITECTURE,
    LABELS,
    LOCATION,
    TRUST,
    PRICE,
    LATENCY,
    GROUP,
    AVOIDED,
    RESOURCES,
    BUSY,
    CLAIMED
  }

  /// @param adjustments what removes it; none where a change of the task does not
  /// @param remedy what somebody else may do, or time; empty = nothing is known
  public record Reason(Kind kind, String text, List<Adjustment> adjustments, String remedy) {
    public Reason {
      adjustments = List.copyOf(adjustments);
    }
  }

  /// @param provider where the task would then fit
  public record Suggestion(PeerId provider, List<Adjustment> adjustments) {
    public Suggestion {
      adjustments = List.copyOf(adjustments);
    }

    public Task apply(Task task) {
      Task changed = task;
      for (Adjustment adjustment : adjustments) {
        changed = adjustment.apply(changed);
      }
      return changed;
    }

    /// Half of each change; with that the task does not fit anywhere.
    public Suggestion halved() {
      return new Suggestion(
          provider, adjustments.stream().flatMap(one -> one.halved().stream()).toList());
    }
  }

  public Why {
    nodes = List.copyOf(nodes);
  }
}
