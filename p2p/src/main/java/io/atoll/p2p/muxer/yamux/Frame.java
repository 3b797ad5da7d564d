package io.atoll.p2p.muxer.yamux;

import java.nio.ByteBuffer;

/// One frame that goes out: its header, and the bytes of a data frame.
record Frame(byte[] header, byte[] body) {
  static final int HEADER = 12;
  static final int DATA = 0;
  static final int WINDOW = 1;
  static final int PING = 2;
  static final int GO_AWAY = 3;
  static final int SYN = 1;
  static final int ACK = 2;
  static final int FIN = 4;
  static final int RST = 8;

  static final int NORMAL = 0;
  static final int PROTOCOL_ERROR = 1;

  /// With its header it fills one Noise record.
  static final int MAX_BODY = 65_519 - HEADER;

  private static final byte[] NONE = new byte[0];

  static Frame data(int stream, byte[] body) {
    return new Frame(header(DATA, 0, stream, body.length), body);
  }

  static Frame window(int stream, int flags, int credit) {
    return new Frame(header(WINDOW, flags, stream, credit), NONE);
  }

  static Frame ping(int flags, int value) {
    return new Frame(header(PING, flags, 0, value), NONE);
  }

  static Frame goAway(int reason) {
    return new Frame(header(GO_AWAY, 0, 0, reason), NONE);
  }

  private static byte[] header(int type, int flags, int stream, int length) {
    return ByteBuffer.allocate(HEADER)
        .put((byte) 0)
        .put((byte) type)
        .putShort((short) flags)
        .putInt(stream)
        .putInt(length)
        .array();
  }
}
