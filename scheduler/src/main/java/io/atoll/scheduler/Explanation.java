package io.atoll.scheduler;

import io.atoll.core.identity.PeerId;
import java.util.List;

/// Why a task waits.
///
/// @param summary one sentence
/// @param smallestChange the least that would let a node take it; empty if only time helps
/// @param refusals what each node lacks; empty reasons = it could take the task now
public record Explanation(String summary, String smallestChange, List<Refusal> refusals) {
  public record Refusal(PeerId node, String name, List<String> reasons) {
    public Refusal {
      reasons = List.copyOf(reasons);
    }
  }

  public Explanation {
    refusals = List.copyOf(refusals);
  }
}
