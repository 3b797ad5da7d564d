package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.util.List;

/// Why a task waits: what each node lacks, and the smallest change that would let one take it.
///
/// @param summary one sentence
/// @param smallestChange what to change, such as `--memory 4Gi (asked: 8Gi)`; empty if only time
/// helps
public record Waiting(String summary, String smallestChange, List<NodeRefusal> nodes) {
  public record NodeRefusal(PeerId node, String name, List<String> reasons) {}
}
