package io.atoll.runtime.image;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.nio.ByteBuffer;

/// The head of a qcow2 file (QEMU's docs/interop/qcow2.txt), of which no more is believed than has
/// to be: an image that names another file of the host is refused.
///
/// @param virtualSize bytes of the disk that a guest sees
public record QcowHeader(int version, long virtualSize) {
  static final int ENOUGH = 104;
  private static final long LARGEST = 16L << 40;
  private static final long EXTERNAL_DATA = 4;

  static boolean is(byte[] head) {
    return head.length >= 4
        && head[0] == 'Q'
        && head[1] == 'F'
        && head[2] == 'I'
        && (head[3] & 0xff) == 0xfb;
  }

  /// @param head the first bytes of the file
  public static QcowHeader parse(String what, byte[] head) {
    if (!is(head) || head.length < 72) {
      throw refused(what, "it is no whole qcow2");
    }
    ByteBuffer in = ByteBuffer.wrap(head);
    int version = in.getInt(4);
    if (version != 2 && version != 3) {
      throw refused(what, "it is of version " + version);
    }
    if (in.getLong(8) != 0 || in.getInt(16) != 0) {
      throw refused(what, "it is a difference to another file, which it names");
    }
    long size = in.getLong(24);
    if (size <= 0 || size > LARGEST) {
      throw refused(what, "its disk would have " + size + " bytes");
    }
    int clusterBits = in.getInt(20);
    if (clusterBits < 9 || clusterBits > 21) {
      throw refused(what, "its clusters have an impossible size");
    }
    if (in.getInt(32) != 0) {
      throw refused(what, "it is encrypted");
    }
    if (version == 3 && (head.length < ENOUGH || (in.getLong(72) & EXTERNAL_DATA) != 0)) {
      throw refused(what, "its data is in another file, which it names");
    }
    return new QcowHeader(version, size);
  }

  private static AtollException refused(String what, String why) {
    return new AtollException(
        ErrorCode.BAD_REQUEST,
        "the disk image " + what + " was refused: " + why,
        "make one that stands alone: qemu-img convert -O qcow2 " + what + " disk.qcow2");
  }
}
