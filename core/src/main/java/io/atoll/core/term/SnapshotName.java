package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// The name of a snapshot, unique within its run.
public record SnapshotName(@JsonValue String text) {
  public static final String RULE =
      "use up to 63 small letters, digits, dots and hyphens, beginning with a letter or digit";

  @JsonCreator
  public SnapshotName {
    if (!text.matches("[a-z0-9][a-z0-9.-]{0,62}")) {
      throw new IllegalArgumentException("not a name of a snapshot: '" + text + "'; " + RULE);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
