package io.atoll.core.exec;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// One frame of a conversation; the package's doc draws them.
public sealed interface ExecFrame {
  /// Longest piece of data in a frame.
  int PIECE = 16 << 10;

  /// How far input may be ahead of what the command has read.
  int WINDOW = 64 << 10;

  record Attach(long out, long err) implements ExecFrame {}

  record Input(long offset, byte[] data) implements ExecFrame {}

  record NoMore(long offset) implements ExecFrame {}

  record Ack(long out, long err) implements ExecFrame {}

  record Resize(TerminalSize size) implements ExecFrame {}

  record Signal(int number) implements ExecFrame {}

  record Release() implements ExecFrame {}

  record Ping() implements ExecFrame {}

  record Attached(long read) implements ExecFrame {}

  record Out(long offset, byte[] data) implements ExecFrame {}

  record Err(long offset, byte[] data) implements ExecFrame {}

  record Taken(long read) implements ExecFrame {}

  record Ended(ExecEnd end) implements ExecFrame {}

  record Pong() implements ExecFrame {}

  record Failed(String code, String message, String hint) implements ExecFrame {}

  record Ready() implements ExecFrame {}

  static byte[] bytes(ExecFrame frame) {
    return switch (frame) {
      case Attach(long out, long err) -> numbers(1, out, err);
      case Input(long offset, byte[] data) -> data(2, offset, data);
      case NoMore(long offset) -> numbers(3, offset);
      case Ack(long out, long err) -> numbers(4, out, err);
      case Resize(TerminalSize(int rows, int columns)) ->
          frame(5, (byte) (rows >> 8), (byte) rows, (byte) (columns >> 8), (byte) columns);
      case Signal(int number) -> frame(6, (byte) number);
      case Release() -> frame(7);
      case Ping() -> frame(8);
      case Attached(long read) -> numbers(16, read);
      case Out(long offset, byte[] data) -> data(17, offset, data);
      case Err(long offset, byte[] data) -> data(18, offset, data);
      case Taken(long read) -> numbers(19, read);
      case Ended(ExecEnd end) -> {
        byte[] detail = end.detail().getBytes(StandardCharsets.UTF_8);
        int cause =
            switch (end.cause()) {
              case EXITED -> 1;
              case SIGNALED -> 2;
              case START_FAILED -> 6;
            };
        byte[] body = new byte[4 + detail.length];
        ByteBuffer.wrap(body)
            .put((byte) cause)
            .put((byte) end.signal())
            .putShort((short) end.code())
            .put(detail);
        yield frame(20, body);
      }
      case Pong() -> frame(21);
      case Failed(String code, String message, String hint) -> failed(code, message, hint);
      case Ready() -> frame(23);
    };
  }

  private static byte[] failed(String code, String message, String hint) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(body)) {
      for (String text : new String[] {code, message, hint}) {
        out.writeUTF(text.length() > 4000 ? text.substring(0, 4000) : text);
      }
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return frame(22, body.toByteArray());
  }

  private static byte[] frame(int type, byte... body) {
    byte[] frame = new byte[4 + body.length];
    ByteBuffer.wrap(frame).put((byte) type).put((byte) 0).putShort((short) body.length).put(body);
    return frame;
  }

  private static byte[] numbers(int type, long... numbers) {
    byte[] body = new byte[8 * numbers.length];
    ByteBuffer into = ByteBuffer.wrap(body);
    for (long number : numbers) {
      into.putLong(number);
    }
    return frame(type, body);
  }

  private static byte[] data(int type, long offset, byte[] data) {
    if (data.length > PIECE) {
      throw new IllegalArgumentException("a piece of " + data.length + " bytes is too long");
    }
    byte[] body = new byte[8 + data.length];
    ByteBuffer.wrap(body).putLong(offset).put(data);
    return frame(type, body);
  }

  /// The next frame; types that are not known are skipped.
  ///
  /// @throws EOFException where the connection ends
  /// @throws IOException also if what comes is no frame
  static ExecFrame read(DataInputStream in) throws IOException {
    while (true) {
      int type = in.readUnsignedByte();
      in.readUnsignedByte();
      byte[] bytes = new byte[in.readUnsignedShort()];
      in.readFully(bytes);
      ExecFrame frame = decode(type, ByteBuffer.wrap(bytes));
      if (frame != null) {
        return frame;
      }
    }
  }

  private static @org.jspecify.annotations.Nullable ExecFrame decode(int type, ByteBuffer body)
      throws IOException {
    try {
      return switch (type) {
        case 1 -> new Attach(body.getLong(), body.getLong());
        case 2 -> new Input(offset(body), rest(body));
        case 3 -> new NoMore(offset(body));
        case 4 -> new Ack(offset(body), offset(body));
        case 5 -> new Resize(new TerminalSize(body.getShort() & 0xffff, body.getShort() & 0xffff));
        case 6 -> new Signal(body.get() & 0xff);
        case 7 -> new Release();
        case 8 -> new Ping();
        case 16 -> new Attached(offset(body));
        case 17 -> new Out(offset(body), rest(body));
        case 18 -> new Err(offset(body), rest(body));
        case 19 -> new Taken(offset(body));
        case 20 -> new Ended(end(body));
        case 21 -> new Pong();
        case 22 -> new Failed(text(body), text(body), text(body));
        case 23 -> new Ready();
        default -> null;
      };
    } catch (java.nio.BufferUnderflowException e) {
      throw new IOException("a frame of type " + type + " is cut short", e);
    }
  }

  private static long offset(ByteBuffer body) throws IOException {
    long offset = body.getLong();
    if (offset < 0) {
      throw new IOException("an offset is never negative");
    }
    return offset;
  }

  private static byte[] rest(ByteBuffer body) throws IOException {
    if (body.remaining() > PIECE) {
      throw new IOException("a piece of " + body.remaining() + " bytes is too long");
    }
    byte[] rest = new byte[body.remaining()];
    body.get(rest);
    return rest;
  }

  private static ExecEnd end(ByteBuffer body) throws IOException {
    ExecEnd.Cause cause =
        switch (body.get()) {
          case 1 -> ExecEnd.Cause.EXITED;
          case 2 -> ExecEnd.Cause.SIGNALED;
          case 6 -> ExecEnd.Cause.START_FAILED;
          default -> throw new IOException("an end without a cause");
        };
    return new ExecEnd(
        cause,
        body.get() & 0xff,
        body.getShort() & 0xffff,
        new String(rest(body), StandardCharsets.UTF_8));
  }

  private static String text(ByteBuffer body) {
    byte[] bytes = new byte[Math.min(body.getShort() & 0xffff, body.remaining())];
    body.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
