package io.atoll.runtime.microvm;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/// One frame of the agent's line, as the package's doc draws it.
record AgentFrame(int type, ByteBuffer body) {
  static final int MAGIC = 0x41544741;
  static final int VERSION = 1;
  static final int HEAD = 12;
  static final int LONGEST_BODY = 16_384;

  static final int HELLO = 1;
  static final int WORDS = 2;
  static final int START = 3;
  static final int ACK = 4;
  static final int STOP = 6;
  static final int BYE = 7;
  static final int CLOCK = 8;
  static final int WELCOME = 65;
  static final int OUTPUT = 66;
  static final int STARTED = 67;
  static final int EXIT = 68;

  /// The frame as bytes, ready to be written.
  static ByteBuffer encode(int type, byte[] body) {
    ByteBuffer frame = ByteBuffer.allocate(HEAD + body.length);
    frame.putInt(MAGIC).put((byte) VERSION).put((byte) type).putShort((short) body.length);
    frame.putInt(0).put(body).flip();
    return frame.putInt(8, checksum(frame, 0, body.length));
  }

  /// @param at where the frame begins in `bytes`
  static int checksum(ByteBuffer bytes, int at, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes.slice(at + 4, 4));
    crc.update(bytes.slice(at + HEAD, length));
    return (int) crc.getValue();
  }
}
