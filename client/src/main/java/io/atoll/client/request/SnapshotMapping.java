package io.atoll.client.request;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.SnapshotName;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// Checks what is said about snapshots.
public final class SnapshotMapping {
  private static final DateTimeFormatter BY_TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private SnapshotMapping() {}

  /// The name in a request to take one; made of the time where none is given.
  ///
  /// @throws AtollException BAD_REQUEST
  public static SnapshotName wanted(byte[] json, Instant now) {
    if (json.length == 0) {
      return new SnapshotName(BY_TIME.format(now));
    }
    JsonFields fields = JsonFields.read(json);
    String name = fields.text("name");
    fields.done();
    return name == null ? new SnapshotName(BY_TIME.format(now)) : name(name);
  }

  public static SnapshotName name(String text) {
    try {
      return new SnapshotName(text);
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "name: " + Shown.quoted(text) + " is not a name of a snapshot",
          SnapshotName.RULE,
          e);
    }
  }
}
