package io.atoll.runtime.guest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Optional;

/// What the multiplexer of a guest's sessions says.
sealed interface ExecMessage {
  int HELLO = 1;
  int WORDS = 2;
  int BEGIN = 3;
  int ATTACH = 4;
  int DATA = 5;
  int CLOSE = 6;
  int WELCOME = 65;
  int BEGUN = 66;
  int OPENED = 67;
  int SAID = 68;
  int CLOSED = 69;

  enum How {
    BEGUN,
    BEFORE,
    TOO_MANY,
    FAILED
  }

  enum Why {
    BY_SESSION,
    NO_SESSION,
    OVERRUN,
    NO_ROOM
  }

  record Welcome(long nonce) implements ExecMessage {}

  /// @param text why not; empty else
  record Begun(How how, String id, String text) implements ExecMessage {}

  record Opened(int line) implements ExecMessage {}

  record Said(int line, byte[] data) implements ExecMessage {}

  record Closed(int line, Why why) implements ExecMessage {}

  /// Empty if it is of a type that is not known here, or nonsense.
  static Optional<ExecMessage> of(GuestFrame frame) {
    ByteBuffer body = frame.body();
    int size = body.remaining();
    return switch (frame.type()) {
      case WELCOME -> size == 8 ? Optional.of(new Welcome(body.getLong(0))) : Optional.empty();
      case BEGUN -> begun(body);
      case OPENED -> size == 4 ? Optional.of(new Opened(body.getInt(0))) : Optional.empty();
      case SAID -> {
        if (size < 5) {
          yield Optional.empty();
        }
        byte[] data = new byte[size - 4];
        body.get(4, data);
        yield Optional.of(new Said(body.getInt(0), data));
      }
      case CLOSED ->
          size == 5 && body.get(4) >= 0 && body.get(4) < Why.values().length
              ? Optional.of(new Closed(body.getInt(0), Why.values()[body.get(4)]))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<ExecMessage> begun(ByteBuffer body) {
    int size = body.remaining();
    if (size < 2 || body.get(0) < 0 || body.get(0) >= How.values().length) {
      return Optional.empty();
    }
    int length = body.get(1) & 0xff;
    if (size < 2 + length) {
      return Optional.empty();
    }
    byte[] id = new byte[length];
    body.get(2, id);
    byte[] text = new byte[Math.min(size - 2 - length, 200)];
    body.get(2 + length, text);
    return Optional.of(
        new Begun(
            How.values()[body.get(0)],
            new String(id, US_ASCII),
            new String(text, UTF_8).replaceAll("\\p{Cntrl}", "?")));
  }
}
