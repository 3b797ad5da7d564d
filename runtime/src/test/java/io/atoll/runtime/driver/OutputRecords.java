package io.atoll.runtime.driver;

import io.atoll.core.term.OutputChunk;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Reads the output of a run straight from its segments, by the drawing in the package doc of
/// `io.atoll.runtime.output` and by none of its code: a witness for those who write it.
public final class OutputRecords {
  private OutputRecords() {}

  /// All whole records that are kept, in order.
  public static List<OutputChunk> read(Path folder) throws IOException {
    List<Path> segments = new ArrayList<>();
    try (var files = Files.list(folder)) {
      files
          .filter(file -> file.getFileName().toString().matches("out\\.\\d+"))
          .forEach(segments::add);
    }
    segments.sort(Comparator.comparingInt(OutputRecords::number));
    List<OutputChunk> chunks = new ArrayList<>();
    for (Path segment : segments) {
      readSegment(segment, chunks);
    }
    return chunks;
  }

  /// Every kept byte of one stream.
  public static byte[] bytes(Path folder, OutputChunk.Stream stream) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (OutputChunk chunk : read(folder)) {
      if (chunk.stream() == stream) {
        all.write(chunk.data());
      }
    }
    return all.toByteArray();
  }

  private static void readSegment(Path segment, List<OutputChunk> into) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(segment))) {
      while (true) {
        byte[] head = in.readNBytes(24);
        if (head.length < 24) {
          return;
        }
        ByteBuffer record = ByteBuffer.wrap(head);
        long offset = record.getLong();
        long nanos = record.getLong();
        int stream = record.get();
        int zero = record.get() | record.getShort();
        int length = record.getInt();
        if (stream < 1 || stream > 2 || zero != 0 || length < 1 || length > 65_536) {
          throw new IOException("no record at offset " + offset + " in " + segment);
        }
        byte[] data = in.readNBytes(length);
        if (data.length < length) {
          return; // being written, or cut short by the death of its writer
        }
        into.add(
            new OutputChunk(
                offset,
                OutputChunk.Stream.values()[stream - 1],
                Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000),
                data));
      }
    }
  }

  private static int number(Path segment) {
    return Integer.parseInt(segment.getFileName().toString().substring(4));
  }
}
