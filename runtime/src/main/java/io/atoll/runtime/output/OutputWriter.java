package io.atoll.runtime.output;

import io.atoll.core.term.OutputChunk.Stream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes a run's output where no supervisor does. There is at most one writer per folder at a
/// time; one opened later goes on where the last ended.
///
/// What `append` wrote survives the death of this process; `force` makes it survive the machine's.
public final class OutputWriter implements AutoCloseable {
  /// What all output leaves free of its disk, for the daemon's journal and the records of other
  /// runs; of a small disk an eighth.
  private static final long MOST_SPARE = 64 << 20;

  private static final long CHECKED_EVERY = 256 << 10;
  private static final long LEAST_WORTH_ROLLING = 1 << 20;

  private final Path folder;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(RecordHeader.SIZE + RecordHeader.MAX_LENGTH);

  /// Not a channel: an interrupt would close it between two halves of a record.
  private RandomAccessFile file;

  private long number;
  private long size;
  private long end;
  private long lastTime = Long.MIN_VALUE;
  private long oldest;

  /// Bytes appended since the disk last had room enough.
  private long unchecked;

  private final Split split;

  /// @param folder exists
  public static OutputWriter open(Path folder) throws IOException {
    return new OutputWriter(folder);
  }

  private OutputWriter(Path folder) throws IOException {
    this.folder = folder;
    split = Split.open(folder);
    List<Long> numbers = Segment.list(folder);
    oldest = numbers.isEmpty() ? 0 : numbers.getFirst();
    boolean sound = false;
    for (long each : numbers) {
      RecordHeader last = last(each);
      if (last != null) {
        sound = true;
        number = each;
        end = last.end();
        lastTime = last.time();
      }
    }
    // What is behind the newest segment that has a record holds none: its writer died early.
    for (long each : numbers) {
      if (!sound || each > number) {
        Files.delete(Segment.path(folder, each));
      }
    }
    file = openSegment();
  }

  private RandomAccessFile openSegment() throws IOException {
    RandomAccessFile opened = new RandomAccessFile(Segment.path(folder, number).toFile(), "rw");
    opened.setLength(size);
    opened.seek(size);
    return opened;
  }

  /// Walks through a segment. Returns its last sound record, with `size` set to where that ends;
  /// null, with nothing set, if there is none.
  private @Nullable RecordHeader last(long segmentNumber) throws IOException {
    RecordHeader last = null;
    try (Segment segment = Segment.open(folder, segmentNumber)) {
      if (segment == null) {
        throw new NoSuchFileException(Segment.path(folder, segmentNumber).toString());
      }
      for (RecordHeader it = segment.next(); it != null; it = segment.next()) {
        segment.skip(it);
        split.add(it);
        last = it;
      }
      if (last != null) {
        size = segment.position();
      }
    }
    return last;
  }

  /// Offset behind the last byte written, over all writers of this folder.
  public long end() {
    return end;
  }

  /// Time of the last record in nanoseconds since 1970, over all writers of this folder; the least
  /// long if there is none.
  public long lastTime() {
    return lastTime;
  }

  /// How many bytes of this stream were written, over all writers of this folder and also where
  /// their segments are gone.
  public long written(Stream stream) {
    return stream == Stream.STDOUT ? split.stdout() : end - split.stdout();
  }

  /// Writes the remaining bytes of `data`, as many records as it takes. If it fails, no half record
  /// stays, `data` stands before what was not written, and the call may be repeated.
  ///
  /// @param timeNanos nanoseconds since 1970
  public void append(Stream stream, long timeNanos, ByteBuffer data) throws IOException {
    while (data.hasRemaining()) {
      if (size >= Segment.FULL) {
        roll();
      }
      if (unchecked >= CHECKED_EVERY) {
        makeRoom();
      }
      int length = Math.min(data.remaining(), RecordHeader.MAX_LENGTH);
      buffer.clear();
      RecordHeader header = new RecordHeader(end, timeNanos, stream, length);
      header.put(buffer);
      buffer.put(RecordHeader.SIZE, data, data.position(), length);
      try {
        file.write(buffer.array(), 0, RecordHeader.SIZE + length);
      } catch (IOException e) {
        takeBack(e);
        throw e;
      }
      data.position(data.position() + length);
      size += RecordHeader.SIZE + length;
      end += length;
      unchecked += length;
      lastTime = timeNanos;
      split.add(header);
    }
  }

  /// Gives up the oldest segments while the disk is tight.
  private void makeRoom() throws IOException {
    if (!tight()) {
      unchecked = 0;
      return;
    }
    if (size >= LEAST_WORTH_ROLLING) {
      roll();
    }
    while (oldest < number) {
      Files.deleteIfExists(Segment.path(folder, oldest++));
      if (!tight()) {
        unchecked = 0;
        return;
      }
    }
    throw new IOException("the disk of " + folder + " is nearly full; the rest is kept free");
  }

  private boolean tight() throws IOException {
    FileStore disk = Files.getFileStore(folder);
    return disk.getUsableSpace() < Math.min(MOST_SPARE, disk.getTotalSpace() / 8);
  }

  private void takeBack(IOException failure) {
    try {
      file.setLength(size);
      file.seek(size);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private void roll() throws IOException {
    split.save();
    number++;
    size = 0;
    RandomAccessFile full = file;
    try {
      file = openSegment();
    } catch (IOException e) {
      number--;
      size = full.length();
      throw e;
    }
    full.close();
    while (number - oldest >= Segment.KEPT) {
      Files.deleteIfExists(Segment.path(folder, oldest));
      oldest++;
    }
  }

  /// Returns once all that was appended is on the disk.
  public void force() throws IOException {
    file.getFD().sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
