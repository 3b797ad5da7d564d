package io.atoll.runtime.output;

import io.atoll.core.term.OutputChunk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads a run's output from any offset, also while it is written. Reading on from where the last
/// read ended costs one read of the file; any other offset is found by the first records of the at
/// most 16 segments and a walk through one of them.
///
/// Whether more will come is not for this class to know: the caller has the run's exit, and a
/// `Nothing` that was asked for *after* the exit was seen is the end.
///
/// For one thread at a time; any number of readers may be open on one folder, before the folder
/// exists and after it is gone. An interrupt within a read ends the reader: close it then.
public final class OutputReader implements AutoCloseable {
  private static final long FIRST_PAUSE_MILLIS = 1;
  private static final long LONGEST_PAUSE_MILLIS = 20;

  private final Path folder;
  private @Nullable Segment segment;

  /// Offset of the record at hand in `segment`.
  private long offset;

  private @Nullable Segment newest;
  private long end;

  private OutputReader(Path folder) {
    this.folder = folder;
  }

  public static OutputReader open(Path folder) {
    return new OutputReader(folder);
  }

  /// What was written from `from` on.
  ///
  /// @param limit most payload bytes to return, at least 1
  public OutputRead read(long from, int limit) throws IOException {
    if (from < 0 || limit < 1) {
      throw new IllegalArgumentException("offsets begin at 0, limits at 1");
    }
    List<OutputChunk> chunks = new ArrayList<>();
    long wanted = from;
    long left = limit;
    if (segment == null || from < offset || from - offset > Segment.FULL) {
      seek(from);
    }
    while (left > 0 && segment != null) {
      RecordHeader header = segment.next();
      if (header == null) {
        if (!advance()) {
          break;
        }
        continue;
      }
      if (header.offset() > wanted) {
        if (chunks.isEmpty()) {
          return new OutputRead.Dropped(header.offset());
        }
        break;
      }
      if (header.end() > wanted) {
        int skipped = (int) (wanted - header.offset());
        int taken = (int) Math.min(left, header.length() - skipped);
        chunks.add(
            new OutputChunk(
                wanted,
                header.stream(),
                Instant.ofEpochSecond(
                    Math.floorDiv(header.time(), 1_000_000_000L),
                    Math.floorMod(header.time(), 1_000_000_000L)),
                segment.data(skipped, taken)));
        wanted += taken;
        left -= taken;
      }
      if (header.end() <= wanted) {
        segment.skip(header);
        offset = header.end();
      }
    }
    return chunks.isEmpty() ? new OutputRead.Nothing() : new OutputRead.Chunks(chunks);
  }

  /// As `read`, but waits up to `patience` for something to be there. It looks again after 1, 2, 4,
  /// … 20 ms: at rest that is 50 reads of nothing a second, about 0.1 % of a core, and no thread,
  /// watch or descriptor shared between followers.
  public OutputRead await(long from, int limit, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      OutputRead read = read(from, limit);
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (!(read instanceof OutputRead.Nothing) || left <= 0) {
        return read;
      }
      Thread.sleep(Math.min(pause, left));
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  /// Offset behind the last byte written so far; 0 where nothing was.
  public long end() throws IOException {
    List<Long> numbers = Segment.list(folder);
    for (int i = numbers.size() - 1; i >= 0; i--) {
      if (newest != null && newest.number() >= numbers.get(i)) {
        break;
      }
      Segment candidate = Segment.open(folder, numbers.get(i));
      if (candidate != null && candidate.next() == null) {
        candidate.close();
      } else if (candidate != null) {
        closeNewest();
        newest = candidate;
        break;
      }
    }
    if (newest != null) {
      for (RecordHeader it = newest.next(); it != null; it = newest.next()) {
        newest.skip(it);
        end = it.end();
      }
    }
    return end;
  }

  /// Goes to the newest segment that begins at or before `from`, or else to the oldest there is.
  private void seek(long from) throws IOException {
    closeSegment();
    List<Long> numbers = Segment.list(folder);
    for (int i = numbers.size() - 1; i >= 0; i--) {
      Segment candidate = Segment.open(folder, numbers.get(i));
      if (candidate == null) {
        continue;
      }
      RecordHeader first = candidate.next();
      if (first == null) {
        candidate.close();
        continue;
      }
      closeSegment();
      segment = candidate;
      offset = first.offset();
      if (offset <= from) {
        return;
      }
    }
  }

  /// Goes to the next segment that holds a record behind the current one. False if there is none:
  /// then nothing changes.
  private boolean advance() throws IOException {
    Segment current = segment;
    if (current == null
        || (!Files.exists(Segment.path(folder, current.number() + 1))
            && Files.exists(Segment.path(folder, current.number())))) {
      return false;
    }
    for (long number : Segment.list(folder)) {
      Segment candidate = number <= current.number() ? null : Segment.open(folder, number);
      if (candidate == null) {
        continue;
      }
      RecordHeader first = candidate.next();
      if (first == null || first.offset() < offset) {
        candidate.close();
        continue;
      }
      // The writer may have added to the current one before it began the next: look once more.
      if (current.next() != null) {
        candidate.close();
        return true;
      }
      closeSegment();
      segment = candidate;
      offset = first.offset();
      return true;
    }
    return current.next() != null;
  }

  private void closeSegment() throws IOException {
    if (segment != null) {
      segment.close();
      segment = null;
    }
  }

  private void closeNewest() throws IOException {
    if (newest != null) {
      newest.close();
      newest = null;
    }
  }

  @Override
  public void close() throws IOException {
    closeSegment();
    closeNewest();
  }
}
