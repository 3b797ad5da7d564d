package io.atoll.market.activity;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.RunId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// One frame of a run's output on its way from provider to hub. The hub opens the stream and sends
/// a
/// `Request` as JSON with an unsigned 16-bit length before it; the provider answers with frames,
/// all
/// numbers big-endian:
///
/// ```
/// chunk    1 | offset u64 | time ns u64 | stream u8 | length u32 | bytes
/// dropped  2 | from u64 | until u64            bytes that are no longer kept
/// nothing  3                                   sent once a second while nothing comes
/// end      4                                   the run has ended and all was sent
/// failed   5 | code utf | message utf | hint utf
/// ```
public sealed interface OutputFrame {
  /// @param follow go on until the run has ended; else end where the output ends now
  record Request(RunId run, long offset, boolean follow) {
    @JsonCreator
    public Request {
      if (offset < 0) {
        throw new IllegalArgumentException("an offset is never negative");
      }
    }
  }

  record Chunk(OutputChunk chunk) implements OutputFrame {}

  record Dropped(long from, long until) implements OutputFrame {}

  record Nothing() implements OutputFrame {}

  record End() implements OutputFrame {}

  record Failed(String code, String message, String hint) implements OutputFrame {}

  /// Longest piece that a frame carries.
  int MAX_CHUNK = 1 << 16;

  static void write(OutputFrame frame, DataOutputStream out) throws IOException {
    switch (frame) {
      case Chunk(OutputChunk chunk) -> {
        out.writeByte(1);
        out.writeLong(chunk.offset());
        out.writeLong(chunk.time().getEpochSecond() * 1_000_000_000L + chunk.time().getNano());
        out.writeByte(chunk.stream() == OutputChunk.Stream.STDOUT ? 1 : 2);
        out.writeInt(chunk.data().length);
        out.write(chunk.data());
      }
      case Dropped(long from, long until) -> {
        out.writeByte(2);
        out.writeLong(from);
        out.writeLong(until);
      }
      case Nothing() -> out.writeByte(3);
      case End() -> out.writeByte(4);
      case Failed(String code, String message, String hint) -> {
        out.writeByte(5);
        for (String text : new String[] {code, message, hint}) {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          int length = Math.min(bytes.length, 0xffff);
          out.writeShort(length);
          out.write(bytes, 0, length);
        }
      }
    }
  }

  /// @throws IOException if the stream ends or what comes is not a frame
  static OutputFrame read(DataInputStream in) throws IOException {
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case 1 -> {
        long offset = in.readLong();
        long nanos = in.readLong();
        int stream = in.readUnsignedByte();
        int length = in.readInt();
        if (offset < 0 || length < 1 || length > MAX_CHUNK || stream < 1 || stream > 2) {
          throw new IOException("malformed piece of output");
        }
        byte[] data = in.readNBytes(length);
        if (data.length < length) {
          throw new EOFException("the stream ended within a piece of output");
        }
        yield new Chunk(
            new OutputChunk(
                offset,
                stream == 1 ? OutputChunk.Stream.STDOUT : OutputChunk.Stream.STDERR,
                Instant.ofEpochSecond(
                    Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L)),
                data));
      }
      case 2 -> new Dropped(in.readLong(), in.readLong());
      case 3 -> new Nothing();
      case 4 -> new End();
      case 5 -> new Failed(text(in), text(in), text(in));
      default -> throw new IOException("unknown frame " + kind + " in an output stream");
    };
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readUnsignedShort()), StandardCharsets.UTF_8);
  }
}
