package io.atoll.market.activity;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.atoll.core.term.RunId;
import io.atoll.core.term.SnapshotName;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Order and answer about a run's snapshots, on a stream that the hub opens: each `Ask` is followed
/// by one `Told`, all that there are afterwards, or by one `Failed`.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = SnapshotMessage.Ask.class, name = "ask"),
  @JsonSubTypes.Type(value = SnapshotMessage.Told.class, name = "told"),
  @JsonSubTypes.Type(value = SnapshotMessage.Failed.class, name = "failed")
})
public sealed interface SnapshotMessage {
  enum Verb {
    LIST,
    TAKE,
    RESTORE,
    REMOVE
  }

  /// @param name of the snapshot; null for LIST
  record Ask(RunId run, Verb verb, @Nullable SnapshotName name) implements SnapshotMessage {
    public Ask {
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(verb, "verb");
      if ((verb == Verb.LIST) != (name == null)) {
        throw new IllegalArgumentException("every verb but LIST names one snapshot");
      }
    }
  }

  /// @param takenAt by the node's clock
  record Kept(SnapshotName name, Instant takenAt, long bytes) {
    public Kept {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(takenAt, "takenAt");
    }
  }

  /// @param snapshots oldest first
  record Told(List<Kept> snapshots) implements SnapshotMessage {
    public Told {
      snapshots = List.copyOf(snapshots);
    }
  }

  record Failed(String code, String message, String hint) implements SnapshotMessage {}
}
