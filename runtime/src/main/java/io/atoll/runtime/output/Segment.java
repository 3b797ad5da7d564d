package io.atoll.runtime.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One segment file, read record by record from its beginning while it may still grow. It can be
/// read to its end after the writer removed it. For one thread at a time.
final class Segment implements AutoCloseable {
  /// A writer goes on to the next segment once the current one has this many bytes.
  static final int FULL = 4 << 20;

  /// How many segments are kept.
  static final int KEPT = 16;

  private static final Pattern NAME = Pattern.compile("out\\.(0|[1-9]\\d{0,17})");
  private static final long ANY = -1;

  private final long number;
  private final FileChannel channel;

  /// What lies between position and limit is the file's content from `position` on.
  private final ByteBuffer buffer =
      ByteBuffer.allocate(RecordHeader.SIZE + RecordHeader.MAX_LENGTH).flip();

  private long position;
  private long expected = ANY;

  private Segment(long number, FileChannel channel) {
    this.number = number;
    this.channel = channel;
  }

  static Path path(Path folder, long number) {
    return folder.resolve("out." + number);
  }

  /// The numbers of the segments in the folder, ascending; empty where there is no folder.
  static List<Long> list(Path folder) throws IOException {
    List<Long> numbers = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "out.*")) {
      for (Path file : files) {
        Matcher matcher = NAME.matcher(String.valueOf(file.getFileName()));
        if (matcher.matches()) {
          numbers.add(Long.parseLong(matcher.group(1)));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    Collections.sort(numbers);
    return numbers;
  }

  /// Null if there is no such segment (any more).
  static @Nullable Segment open(Path folder, long number) throws IOException {
    try {
      return new Segment(number, FileChannel.open(path(folder, number), StandardOpenOption.READ));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  long number() {
    return number;
  }

  /// Where the next record begins in the file; behind the last sound record once `next` is null.
  long position() {
    return position;
  }

  /// The header of the record at hand, whose payload is complete; null where there is none (yet).
  /// A record that no writer would have put here (a bad header, an offset that does not continue
  /// the one before) counts as none.
  @Nullable RecordHeader next() throws IOException {
    if (fill(RecordHeader.SIZE)) {
      RecordHeader header = RecordHeader.get(buffer, buffer.position());
      if (header != null
          && (expected == ANY || expected == header.offset())
          && fill(RecordHeader.SIZE + header.length())) {
        return header;
      }
    }
    // A writer that comes back cuts a half record off and writes another in its place: read anew.
    buffer.limit(buffer.position());
    return null;
  }

  /// Bytes of the record at hand, from its `from`th, `length` of them.
  byte[] data(int from, int length) {
    byte[] data = new byte[length];
    buffer.get(buffer.position() + RecordHeader.SIZE + from, data);
    return data;
  }

  /// Goes behind the record that `next` gave.
  void skip(RecordHeader header) {
    int size = RecordHeader.SIZE + header.length();
    buffer.position(buffer.position() + size);
    position += size;
    expected = header.end();
  }

  private boolean fill(int wanted) throws IOException {
    if (buffer.remaining() >= wanted) {
      return true;
    }
    buffer.compact();
    try {
      while (buffer.position() < wanted) {
        if (channel.read(buffer, position + buffer.position()) <= 0) {
          return false;
        }
      }
    } finally {
      buffer.flip();
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
