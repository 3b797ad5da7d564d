package io.atoll.runtime.output;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.atoll.core.term.OutputChunk.Stream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// How the offset splits into bytes of stdout and bytes of stderr, known also where the segments
/// that held them are gone: at each end of a segment `OutputWriter` adds a line `offset stdout` to
/// the file `out.split`. Readers do not need it.
final class Split {
  private static final String FILE = "out.split";

  private final Path folder;
  private final Deque<Mark> marks = new ArrayDeque<>();
  private long end;
  private long stdout;
  private boolean begun;

  /// @param stdout bytes of stdout among the first `offset` bytes
  private record Mark(long offset, long stdout) {}

  private Split(Path folder) {
    this.folder = folder;
  }

  static Split open(Path folder) throws IOException {
    Split split = new Split(folder);
    try {
      for (String line : Files.readAllLines(folder.resolve(FILE), US_ASCII)) {
        Mark mark = parse(line);
        if (mark != null) {
          split.marks.add(mark);
        }
      }
    } catch (NoSuchFileException e) {
      // Nothing was ever dropped.
    }
    return split;
  }

  private static @Nullable Mark parse(String line) {
    int space = line.indexOf(' ');
    try {
      return space < 0
          ? null
          : new Mark(
              Long.parseLong(line.substring(0, space)), Long.parseLong(line.substring(space + 1)));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  long stdout() {
    return stdout;
  }

  /// Counts the next record. Where records are missing before it, what a mark says counts; without
  /// one the missing bytes count as stdout.
  void add(RecordHeader record) {
    if (!begun || record.offset() != end) {
      long gap = record.offset() - end;
      stdout += gap;
      for (Mark mark : marks) {
        if (mark.offset() == record.offset()) {
          stdout = mark.stdout();
        }
      }
      begun = true;
    }
    if (record.stream() == Stream.STDOUT) {
      stdout += record.length();
    }
    end = record.end();
  }

  /// Keeps what is known at the end of a segment.
  void save() throws IOException {
    Mark now = new Mark(end, stdout);
    if (!now.equals(marks.peekLast())) {
      marks.add(now);
    }
    while (marks.size() > Segment.KEPT + 1) {
      marks.removeFirst();
    }
    StringBuilder text = new StringBuilder();
    for (Mark mark : marks) {
      text.append(mark.offset()).append(' ').append(mark.stdout()).append('\n');
    }
    Path draft = folder.resolve(FILE + ".new");
    Files.writeString(draft, text, US_ASCII);
    Files.move(
        draft,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
