package io.atoll.runtime.guest;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/// One frame of a line into a guest, as the package's doc draws it.
public record GuestFrame(int type, ByteBuffer body) {
  public static final int MAGIC = 0x41544741;
  public static final int VERSION = 1;
  public static final int HEAD = 12;
  public static final int LONGEST_BODY = 16_384;

  /// The frame as bytes, ready to be written.
  public static ByteBuffer encode(int type, byte[] body) {
    ByteBuffer frame = ByteBuffer.allocate(HEAD + body.length);
    frame.putInt(MAGIC).put((byte) VERSION).put((byte) type).putShort((short) body.length);
    frame.putInt(0).put(body).flip();
    return frame.putInt(8, checksum(frame, 0, body.length));
  }

  /// @param at where the frame begins in `bytes`
  public static int checksum(ByteBuffer bytes, int at, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes.slice(at + 4, 4));
    crc.update(bytes.slice(at + HEAD, length));
    return (int) crc.getValue();
  }
}
