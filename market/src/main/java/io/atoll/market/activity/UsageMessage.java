package io.atoll.market.activity;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.atoll.core.term.RunId;
import java.time.Instant;
import java.util.Objects;

/// Question and answer about what a run uses, on a stream that the hub opens: each `Ask` is
/// followed by one `Told` or `Failed`.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = UsageMessage.Ask.class, name = "ask"),
  @JsonSubTypes.Type(value = UsageMessage.Told.class, name = "told"),
  @JsonSubTypes.Type(value = UsageMessage.Failed.class, name = "failed")
})
public sealed interface UsageMessage {
  record Ask(RunId run) implements UsageMessage {
    public Ask {
      Objects.requireNonNull(run, "run");
    }
  }

  /// A figure that the node cannot tell is -1.
  ///
  /// @param at when, by the node's clock
  /// @param ended whether the run has ended, so that nothing of this changes any more
  record Told(
      Instant at,
      boolean ended,
      long cpuNanos,
      long memory,
      long memoryPeak,
      long disk,
      long output)
      implements UsageMessage {
    public Told {
      Objects.requireNonNull(at, "at");
    }
  }

  record Failed(String code, String message, String hint) implements UsageMessage {}
}
