package io.atoll.p2p.transfer;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.multiformat.Uvarint;
import io.atoll.core.term.PlainText;
import io.atoll.p2p.transport.BulkOutput;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/// Messages on a stream. One thread may read while others write: a frame is written whole.
final class Wire {
  /// Room for the head of a frame of data, before its bytes.
  static final int HEAD = 16;

  /// What is sent in one frame of data: with its head, of 7 bytes, it fills four frames of Yamux,
  /// and so four records of Noise.
  static final int CHUNK = 4 * 65_507 - 7;

  private static final int LARGEST_DATA = 1 << 20;
  private static final int LARGEST = 4 << 10;
  private static final int LONGEST_TEXT = 300;
  private static final int LENGTH_DELIMITED = 2;
  private static final int DATA = tag(4);

  private final InputStream in;
  private final OutputStream out;

  Wire(InputStream in, OutputStream out) {
    this.in = in;
    this.out = out;
  }

  InputStream in() {
    return in;
  }

  private static int tag(int field) {
    return field << 3 | LENGTH_DELIMITED;
  }

  void write(Message message) throws IOException {
    byte[] body = encode(message);
    var frame = new ByteArrayOutputStream(body.length + 2);
    Uvarint.write(frame, body.length);
    frame.writeBytes(body);
    synchronized (out) {
      out.write(frame.toByteArray());
      out.flush();
    }
  }

  /// Writes a frame of data: what remains of a buffer, which has `HEAD` bytes of room before it.
  void writeData(ByteBuffer buffer) throws IOException {
    int length = buffer.remaining();
    var head = new ByteArrayOutputStream(HEAD);
    byte[] inner = Uvarint.encode(length);
    Uvarint.write(head, 1 + inner.length + (long) length);
    head.write(DATA);
    head.writeBytes(inner);
    int from = buffer.position() - head.size();
    buffer.put(from, head.toByteArray()).position(from);
    synchronized (out) {
      BulkOutput.writeTo(out, buffer);
    }
  }

  /// The next message; after `Data` its bytes are to be read from `in`.
  ///
  /// @throws EOFException at the end of the stream
  /// @throws ProtocolException if it is malformed or too large
  Message read() throws IOException {
    long length = Uvarint.read(in, LARGEST_DATA + HEAD);
    if (length == 0) {
      throw new ProtocolException("an empty message");
    }
    int first = in.read();
    if (first == DATA) {
      long count = Uvarint.read(in, LARGEST_DATA);
      if (count == 0 || length != 1 + Uvarint.encode(count).length + count) {
        throw new ProtocolException("data whose length is not its frame's");
      }
      return new Message.Data((int) count);
    }
    if (length > LARGEST) {
      throw new ProtocolException("a message of " + length + " bytes");
    }
    byte[] body = new byte[(int) length];
    body[0] = (byte) first;
    if (first < 0 || in.readNBytes(body, 1, body.length - 1) < body.length - 1) {
      throw new EOFException("end of stream inside a message");
    }
    return decode(body);
  }

  private static byte[] encode(Message message) throws IOException {
    return switch (message) {
      case Message.Offered(Offer offer) ->
          field(
              1,
              out -> {
                out.writeByteArray(1, Offer.bytes(offer.id()));
                out.writeString(2, offer.name());
                out.writeUInt64(3, offer.size());
                out.writeByteArray(4, Offer.bytes(offer.sha256()));
              });
      case Message.Pending() -> field(2, _ -> {});
      case Message.Accept(long offset) -> field(3, out -> out.writeUInt64(1, offset));
      case Message.Data _ -> throw new IllegalArgumentException("data has its own way");
      case Message.End(String sha256) ->
          field(5, out -> out.writeByteArray(1, Offer.bytes(sha256)));
      case Message.Done() -> field(6, _ -> {});
      case Message.Refuse(ErrorCode code, String text) ->
          field(
              7,
              out -> {
                out.writeString(1, code.name());
                out.writeString(2, PlainText.line(text, LONGEST_TEXT));
              });
    };
  }

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] field(int number, Fields fields) throws IOException {
    var inner = new ByteArrayOutputStream();
    CodedOutputStream innerOut = CodedOutputStream.newInstance(inner);
    fields.write(innerOut);
    innerOut.flush();
    var whole = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(whole);
    out.writeByteArray(number, inner.toByteArray());
    out.flush();
    return whole.toByteArray();
  }

  private static Message decode(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    int tag = in.readTag();
    if ((tag & 7) != LENGTH_DELIMITED) {
      throw new ProtocolException("a message of an unknown kind");
    }
    var inner = new Inner(in.readByteArray());
    try {
      return switch (tag >>> 3) {
        case 1 ->
            new Message.Offered(
                new Offer(Offer.hex(inner.one), inner.text, inner.number, Offer.hex(inner.four)));
        case 2 -> new Message.Pending();
        case 3 -> new Message.Accept(inner.number);
        case 5 -> new Message.End(Offer.hex(inner.one));
        case 6 -> new Message.Done();
        case 7 -> new Message.Refuse(code(inner.one), PlainText.line(inner.text, LONGEST_TEXT));
        default -> throw new ProtocolException("a message of an unknown kind");
      };
    } catch (IllegalArgumentException e) {
      throw new BadOffer(String.valueOf(e.getMessage()));
    }
  }

  /// An offer that can be read and not be taken.
  static final class BadOffer extends ProtocolException {
    BadOffer(String message) {
      super(message);
    }
  }

  /// A newer peer may know codes that this one does not.
  private static ErrorCode code(byte[] name) {
    String text = new String(name, java.nio.charset.StandardCharsets.UTF_8);
    for (ErrorCode code : ErrorCode.values()) {
      if (code.name().equals(text)) {
        return code;
      }
    }
    return ErrorCode.START_FAILED;
  }

  /// The fields of whatever message, by number and kind; unknown ones are skipped.
  private static final class Inner {
    private byte[] one = {};
    private String text = "";
    private long number;
    private byte[] four = {};

    Inner(byte[] bytes) throws IOException {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | LENGTH_DELIMITED -> one = in.readByteArray();
          case 1 << 3, 3 << 3 -> number = in.readUInt64();
          case 2 << 3 | LENGTH_DELIMITED -> text = in.readStringRequireUtf8();
          case 4 << 3 | LENGTH_DELIMITED -> four = in.readByteArray();
          default -> in.skipField(tag);
        }
      }
    }
  }
}
