package io.atoll.runtime.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.term.Exit;
import java.nio.ByteBuffer;
import java.util.Optional;

/// How a run ended, as the supervisor writes it: the second part of the 512 bytes of `exit`, and
/// the body of its EXIT message. The layout is drawn in `supervisor/folder.c`.
///
/// @param endedNanos since 1970; 0 unknown
/// @param outputEnd bytes the payload wrote, kept or not
/// @param dropped bytes that the disk did not take
/// @param cpuNanos processor time of all that was waited for; -1 unknown
/// @param memoryPeak -1 unknown
record RunRecord(
    Exit exit, long endedNanos, long outputEnd, long dropped, long cpuNanos, long memoryPeak) {
  static final int SIZE = 512;
  static final int EXIT_AT = 64;
  static final int EXIT_SIZE = SIZE - EXIT_AT;
  private static final int BEGAN_MAGIC = 0x4154524e;
  private static final int EXIT_MAGIC = 0x41544558;
  private static final int MAX_DETAIL = 383;

  static RunRecord of(Exit exit) {
    return new RunRecord(exit, 0, 0, 0, -1, -1);
  }

  /// Reads the whole file; empty if the run has not ended or the bytes are no record.
  static Optional<RunRecord> ofFile(byte[] file) {
    return file.length < SIZE
        ? Optional.empty()
        : ofExit(ByteBuffer.wrap(file, EXIT_AT, EXIT_SIZE).slice());
  }

  static Optional<RunRecord> ofExit(ByteBuffer bytes) {
    if (bytes.remaining() < EXIT_SIZE || bytes.getInt(0) != EXIT_MAGIC) {
      return Optional.empty();
    }
    Exit.Cause cause = cause(bytes.get(4));
    int length = Math.min(bytes.getShort(56) & 0xffff, MAX_DETAIL);
    byte[] detail = new byte[length];
    bytes.get(58, detail);
    long dropped = bytes.getLong(32);
    String text = new String(detail, UTF_8);
    if (dropped > 0) {
      text += (text.isEmpty() ? "" : "; ") + dropped + " bytes of output did not fit on the disk";
    }
    return Optional.of(
        new RunRecord(
            new Exit(cause, bytes.getInt(8), text),
            bytes.getLong(16),
            bytes.getLong(24),
            dropped,
            bytes.getLong(40),
            bytes.getLong(48)));
  }

  /// The whole file, for a run that no supervisor judges any more.
  byte[] toFile(long nowNanos) {
    ByteBuffer bytes = ByteBuffer.allocate(SIZE);
    bytes.putInt(0, BEGAN_MAGIC).put(4, (byte) 1);
    ByteBuffer part = bytes.slice(EXIT_AT, EXIT_SIZE);
    byte[] detail = exit.detail().getBytes(UTF_8);
    int length = Math.min(detail.length, MAX_DETAIL);
    part.putInt(0, EXIT_MAGIC).put(4, (byte) number(exit.cause())).putInt(8, exit.code());
    part.putLong(16, nowNanos).putLong(24, outputEnd).putLong(32, dropped);
    part.putLong(40, cpuNanos).putLong(48, memoryPeak);
    part.putShort(56, (short) length).put(58, detail, 0, length);
    return bytes.array();
  }

  private static int number(Exit.Cause cause) {
    return switch (cause) {
      case EXITED -> 1;
      case SIGNALED -> 2;
      case OUT_OF_MEMORY -> 3;
      case STOPPED -> 4;
      case TIME_LIMIT -> 5;
      case START_FAILED -> 6;
      case LOST -> 7;
    };
  }

  private static Exit.Cause cause(int number) {
    for (Exit.Cause cause : Exit.Cause.values()) {
      if (number(cause) == number) {
        return cause;
      }
    }
    return Exit.Cause.LOST; // of a newer supervisor; what it means, nobody here knows
  }
}
