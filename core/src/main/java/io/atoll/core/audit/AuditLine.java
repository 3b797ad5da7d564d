package io.atoll.core.audit;

import io.atoll.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;

/// A fact in its place in the record.
///
/// @param seq counts from 1
/// @param before SHA-256 of the line before, hexadecimal
public record AuditLine(
    long seq,
    Instant at,
    String who,
    String action,
    String object,
    String outcome,
    long times,
    String before) {
  public AuditLine {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(who, "who");
    Objects.requireNonNull(action, "action");
    Objects.requireNonNull(object, "object");
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(before, "before");
  }

  /// The line that follows what has this end.
  public static AuditLine after(AuditEnd end, AuditFact fact) {
    return new AuditLine(
        end.seq() + 1,
        fact.at(),
        fact.who(),
        fact.action(),
        fact.object(),
        fact.outcome(),
        fact.times(),
        end.hash());
  }

  /// As it is kept and hashed.
  public String text() {
    return Json.write(this);
  }

  /// @throws IOException if the bytes are not the text of a line, to the last one
  public static AuditLine read(byte[] bytes) throws IOException {
    AuditLine line;
    try {
      line = Json.read(bytes, AuditLine.class);
    } catch (IllegalArgumentException e) {
      throw new IOException("it is no entry", e);
    }
    if (line == null || !Arrays.equals(bytes, line.text().getBytes(StandardCharsets.UTF_8))) {
      throw new IOException("it is no entry as a hub writes them");
    }
    return line;
  }
}
