package io.atoll.core.websocket;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Why a WebSocket is closed (RFC 6455 §7.4).
///
/// @param code 1005 where the other end gave none, 1006 where it said nothing at all
public record Closing(int code, String reason) {
  public static final int NORMAL = 1000;
  public static final int GOING_AWAY = 1001;
  public static final int PROTOCOL_ERROR = 1002;
  public static final int NO_CODE = 1005;
  public static final int BROKEN_OFF = 1006;
  public static final int TOO_BIG = 1009;
  public static final int INTERNAL = 1011;

  private static final int LONGEST_REASON = 123;

  /// The connection ended without a word.
  static final Closing WITHOUT_A_WORD = new Closing(BROKEN_OFF, "");

  public boolean isNormal() {
    return code == NORMAL || code == NO_CODE;
  }

  static Closing read(byte[] body) {
    if (body.length < 2) {
      return new Closing(NO_CODE, "");
    }
    int code = (body[0] & 0xff) << 8 | (body[1] & 0xff);
    String said = new String(body, 2, body.length - 2, StandardCharsets.UTF_8);
    return new Closing(code, said.replaceAll("\\p{Cntrl}", " "));
  }

  /// The body of a frame.
  byte[] bytes() {
    if (code == NO_CODE || code == BROKEN_OFF) {
      return new byte[0];
    }
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, LONGEST_REASON);
    while (length < text.length && length > 0 && (text[length] & 0xc0) == 0x80) {
      length--; // Not in the middle of a character.
    }
    byte[] body = new byte[2 + length];
    body[0] = (byte) (code >>> 8);
    body[1] = (byte) code;
    System.arraycopy(Arrays.copyOf(text, length), 0, body, 2, length);
    return body;
  }
}
