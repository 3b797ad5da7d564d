package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.record.Envelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// What an author keeps under `/atoll/KIND/AUTHOR[/…]`, where AUTHOR is the base58 text of its peer
/// id: nobody else can write there, and nobody can pass it on under another key.
///
/// ```
/// Envelope of type "/atoll/record", signed for the domain "atoll-record"      (RFC 0002)
/// its payload: Record{1 key, 2 sequence, 3 expiry in seconds of the Unix clock, 4 data}
/// ```
public record SignedRecord(
    PeerId author, ByteString key, long sequence, Instant expires, ByteString data) {
  public static final String NAMESPACE = "atoll";
  private static final String DOMAIN = "atoll-record";
  private static final byte[] TYPE = "/atoll/record".getBytes(StandardCharsets.UTF_8);
  private static final int BYTES = 2;

  public SignedRecord {
    if (sequence < 0) {
      throw new IllegalArgumentException("a sequence is not negative: " + sequence);
    }
  }

  /// The key for something of an author.
  ///
  /// @param kind one word, such as `offer`
  public static ByteString key(String kind, PeerId author) {
    return ByteString.copyFromUtf8("/" + NAMESPACE + "/" + kind + "/" + author.text());
  }

  /// The value to put under `key`, which names this identity as its author.
  public static ByteString sign(
      Identity author, ByteString key, long sequence, Instant expires, ByteString data) {
    ByteString.Output payload = ByteString.newOutput();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(payload);
      out.writeBytes(1, key);
      out.writeUInt64(2, sequence);
      out.writeUInt64(3, expires.getEpochSecond());
      out.writeBytes(4, data);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    byte[] bytes = payload.toByteString().toByteArray();
    return ByteString.copyFrom(Envelope.seal(author, DOMAIN, TYPE, bytes).encode());
  }

  /// Parses a value, and checks its signature; whether it belongs under a key is not checked.
  ///
  /// @throws IllegalArgumentException with what is wrong with it
  public static SignedRecord open(ByteString value) {
    try {
      // How large a value may be has been judged by who received it.
      Envelope envelope = Envelope.open(value.toByteArray(), DOMAIN, TYPE, value.size());
      return payload(envelope.author(), ByteString.copyFrom(envelope.payload()));
    } catch (IOException e) {
      throw new IllegalArgumentException("not an envelope to be trusted: " + e.getMessage(), e);
    }
  }

  private static SignedRecord payload(PeerId author, ByteString payload) throws IOException {
    ByteString key = ByteString.EMPTY;
    long sequence = 0;
    long expires = 0;
    ByteString data = ByteString.EMPTY;
    CodedInputStream in = payload.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | BYTES -> key = in.readBytes();
        case 2 << 3 -> sequence = in.readUInt64();
        case 3 << 3 -> expires = in.readUInt64();
        case 4 << 3 | BYTES -> data = in.readBytes();
        default -> in.skipField(tag);
      }
    }
    if (expires < 0 || expires > Instant.MAX.getEpochSecond()) {
      throw new IllegalArgumentException("an expiry outside of time: " + expires);
    }
    return new SignedRecord(author, key, sequence, Instant.ofEpochSecond(expires), data);
  }
}
