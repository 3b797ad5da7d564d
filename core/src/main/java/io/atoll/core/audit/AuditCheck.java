package io.atoll.core.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Goes through a record from its first line and finds what was changed. Used by one thread.
///
/// Ends that were signed at other times are named before the first line; each is looked for on
/// the way.
public final class AuditCheck {
  /// No entry is as long.
  private static final int LONGEST_LINE = 16 << 10;

  /// What came of it.
  public sealed interface Result {
    /// @param end where the record ends; up to there nothing was changed
    record Whole(AuditEnd end) implements Result {}

    /// @param line at which it shows, counted from 1
    /// @param why what is wrong there
    record Changed(long line, String why) implements Result {}
  }

  private final List<SignedEnd> awaited = new ArrayList<>();
  private AuditEnd end = AuditEnd.NONE;
  private @Nullable String fault;
  private long faultLine;

  /// The record has to have had this end once.
  public AuditCheck expect(SignedEnd signed) {
    if (!signed.verified()) {
      fault(0, "the signature of the end at entry " + signed.seq() + " is not of " + signed.hub());
    } else if (signed.seq() > 0) {
      awaited.add(signed);
    } else if (!signed.end().equals(AuditEnd.NONE)) {
      fault(0, "an end without entries has no hash");
    }
    return this;
  }

  /// The next line, without its line feed.
  public void line(byte[] bytes) {
    if (fault != null) {
      return;
    }
    long number = end.seq() + 1;
    try {
      AuditLine line = AuditLine.read(bytes);
      if (line.seq() != number) {
        fault(number, "entry " + line.seq() + " stands where entry " + number + " belongs");
        return;
      }
      if (!line.before().equals(end.hash())) {
        fault(number, "entry " + number + " does not follow the one before it");
        return;
      }
    } catch (IOException e) {
      fault(number, "entry " + number + " is damaged: " + firstLine(e));
      return;
    }
    end = AuditEnd.at(number, bytes);
    for (SignedEnd signed : awaited) {
      if (signed.seq() == number && !signed.hash().equals(end.hash())) {
        fault(number, "entry " + number + " is another than was signed at " + signed.at());
      }
    }
  }

  /// Once there are no more lines.
  public Result result() {
    for (SignedEnd signed : awaited) {
      if (signed.seq() > end.seq()) {
        fault(
            end.seq(),
            "entries "
                + (end.seq() + 1)
                + " to "
                + signed.seq()
                + " are missing, which were there at "
                + signed.at());
      }
    }
    return fault == null ? new Result.Whole(end) : new Result.Changed(faultLine, fault);
  }

  private void fault(long line, String why) {
    if (fault == null) {
      fault = why;
      faultLine = line;
    }
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /// Reads a record as it is exported: its lines, and then a signed end, which is its last.
  ///
  /// @return that end; null where it is missing, which `result` tells, too
  public @Nullable SignedEnd file(InputStream file) throws IOException {
    InputStream in = new BufferedInputStream(file, 1 << 16);
    byte[] held = next(in);
    while (held != null) {
      byte[] following = next(in);
      if (following == null) {
        return last(held);
      }
      line(held);
      held = following;
    }
    fault(1, "the file is empty: not even a signed end is in it");
    return null;
  }

  private @Nullable SignedEnd last(byte[] bytes) {
    long number = end.seq() + 1;
    try {
      SignedEnd signed = SignedEnd.read(bytes);
      expect(signed);
      if (signed.seq() < end.seq()) {
        fault(number, "entries after " + signed.seq() + " come before an end that is older");
      } else if (signed.seq() == end.seq() && !signed.end().equals(end)) {
        fault(number, "the last entry is another than was signed");
      }
      return signed;
    } catch (IOException e) {
      fault(number, "the last line is no signed end: the file was cut or changed");
      return null;
    }
  }

  /// A line without its line feed; null at the end. One that has none is no line.
  private byte @Nullable [] next(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return line.toByteArray();
      }
      line.write(b);
      if (line.size() > LONGEST_LINE) {
        fault(end.seq() + 1, "a line is longer than any that a hub writes");
        return null;
      }
    }
    if (line.size() > 0) {
      fault(end.seq() + 1, "the last line is cut");
    }
    return null;
  }
}
