package io.atoll.daemon.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The bytes of a journal file; see the package for their form.
final class JournalFrames {
  static final byte VERSION = 1;
  static final int HEADER = 8;
  static final int MAX_PAYLOAD = 64 << 20;

  private static final byte[] MAGIC = {'A', 'T', 'O', 'L', 'J', 'N', 'L', VERSION};
  private static final int FRAME_HEADER = 8;

  /// As many zeros in a row never stand in a payload, which is JSON.
  private static final int ZEROS = 8;

  private JournalFrames() {}

  static ByteBuffer header() {
    return ByteBuffer.wrap(MAGIC.clone());
  }

  static ByteBuffer frame(byte[] payload) {
    if (payload.length > MAX_PAYLOAD) {
      throw new IllegalArgumentException(
          "a commit of " + payload.length + " bytes is more than a journal's frame can hold");
    }
    return ByteBuffer.allocate(FRAME_HEADER + payload.length)
        .putInt(payload.length)
        .putInt(sum(ByteBuffer.wrap(payload)))
        .put(payload)
        .flip();
  }

  private static int sum(ByteBuffer payload) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(4).putInt(payload.remaining()).flip());
    crc.update(payload);
    return (int) crc.getValue();
  }

  /// What a file holds.
  ///
  /// @param end of the last good frame
  /// @param verdict on what follows it
  record Scan(List<byte[]> payloads, int end, Verdict verdict) {}

  enum Verdict {
    /// Nothing follows.
    CLEAN,
    /// What an interrupted write leaves: it was never acknowledged.
    TORN,
    /// It was once good.
    DAMAGED,
    /// The file has another form.
    NEWER,
    FOREIGN
  }

  static Scan scan(byte[] file) {
    for (int i = 0; i < HEADER; i++) {
      if (i >= file.length || (i < HEADER - 1 && file[i] != MAGIC[i])) {
        return new Scan(List.of(), 0, Verdict.FOREIGN);
      }
    }
    if (file[HEADER - 1] != VERSION) {
      return new Scan(List.of(), 0, file[HEADER - 1] > VERSION ? Verdict.NEWER : Verdict.FOREIGN);
    }
    List<byte[]> payloads = new ArrayList<>();
    int at = HEADER;
    while (at < file.length) {
      ByteBuffer payload = payloadAt(file, at);
      if (payload == null) {
        return new Scan(payloads, at, judge(file, at));
      }
      byte[] bytes = new byte[payload.remaining()];
      payload.get(bytes);
      payloads.add(bytes);
      at += FRAME_HEADER + bytes.length;
    }
    return new Scan(payloads, at, Verdict.CLEAN);
  }

  private static @Nullable ByteBuffer payloadAt(byte[] file, int at) {
    int room = file.length - at - FRAME_HEADER;
    if (room < 1) {
      return null;
    }
    ByteBuffer frame = ByteBuffer.wrap(file, at, file.length - at);
    int length = frame.getInt();
    int sum = frame.getInt();
    if (length < 1 || length > room || frame.get(frame.position()) != '[') {
      return null;
    }
    ByteBuffer payload = frame.slice(frame.position(), length);
    return sum(payload.duplicate()) == sum ? payload : null;
  }

  /// A frame does not fit its sum. Was it never finished, or did it change afterwards?
  private static Verdict judge(byte[] file, int at) {
    for (int later = at + 1; later + FRAME_HEADER < file.length; later++) {
      if (payloadAt(file, later) != null) {
        return Verdict.DAMAGED; // only finished frames have successors
      }
    }
    int rest = file.length - at - FRAME_HEADER;
    if (rest < 1) {
      return Verdict.TORN;
    }
    ByteBuffer frame = ByteBuffer.wrap(file, at, file.length - at);
    int length = frame.getInt();
    int sum = frame.getInt();
    if (sum(frame.slice(frame.position(), rest)) == sum) {
      return Verdict.DAMAGED; // all there but for its length
    }
    return length == rest && !hasHole(file, at) ? Verdict.DAMAGED : Verdict.TORN;
  }

  /// Whether blocks of the last frame never reached the disk: zeros in a row, or zeros at its end.
  private static boolean hasHole(byte[] file, int at) {
    int zeros = 0;
    for (int i = at + FRAME_HEADER; i < file.length; i++) {
      zeros = file[i] == 0 ? zeros + 1 : 0;
      if (zeros >= ZEROS) {
        return true;
      }
    }
    return zeros > 0;
  }
}
