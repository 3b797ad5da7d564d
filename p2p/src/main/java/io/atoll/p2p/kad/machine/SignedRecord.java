package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Uvarint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// What an author keeps under `/atoll/KIND/AUTHOR[/…]`, where AUTHOR is the base58 text of its peer
/// id: nobody else can write there, and nobody can pass it on under another key.
///
/// ```
/// Envelope{1 PublicKey, 2 "/atoll/record", 3 payload, 5 signature}      (RFC 0002)
/// payload: Record{1 key, 2 sequence, 3 expiry in seconds of the Unix clock, 4 data}
/// signed: the domain "atoll-record", the type and the payload, each behind its uvarint length
/// ```
public record SignedRecord(
    PeerId author, ByteString key, long sequence, Instant expires, ByteString data) {
  public static final String NAMESPACE = "atoll";
  private static final String DOMAIN = "atoll-record";
  private static final ByteString TYPE = ByteString.copyFromUtf8("/atoll/record");
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
    ByteString payload =
        message(
            out -> {
              out.writeBytes(1, key);
              out.writeUInt64(2, sequence);
              out.writeUInt64(3, expires.getEpochSecond());
              out.writeBytes(4, data);
            });
    byte[] signature = author.sign(signed(payload));
    return message(
        out -> {
          out.writeByteArray(1, author.publicKey().encode());
          out.writeBytes(2, TYPE);
          out.writeBytes(3, payload);
          out.writeByteArray(5, signature);
        });
  }

  /// Parses a value, and checks its signature; whether it belongs under a key is not checked.
  ///
  /// @throws IllegalArgumentException with what is wrong with it
  public static SignedRecord open(ByteString value) {
    ByteString key = ByteString.EMPTY;
    ByteString type = ByteString.EMPTY;
    ByteString payload = ByteString.EMPTY;
    ByteString signature = ByteString.EMPTY;
    try {
      CodedInputStream in = value.newCodedInput();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | BYTES -> key = in.readBytes();
          case 2 << 3 | BYTES -> type = in.readBytes();
          case 3 << 3 | BYTES -> payload = in.readBytes();
          case 5 << 3 | BYTES -> signature = in.readBytes();
          default -> in.skipField(tag);
        }
      }
      if (!type.equals(TYPE)) {
        throw new IllegalArgumentException("not an envelope of an /atoll/record");
      }
      PublicKey author = PublicKey.decode(key.toByteArray());
      if (!author.verify(signed(payload), signature.toByteArray())) {
        throw new IllegalArgumentException("the signature is not that of " + PeerId.of(author));
      }
      return payload(PeerId.of(author), payload);
    } catch (IOException e) {
      throw new IllegalArgumentException("not an envelope", e);
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

  private static byte[] signed(ByteString payload) {
    byte[] domain = DOMAIN.getBytes(StandardCharsets.UTF_8);
    var bytes = new ByteArrayOutputStream();
    Uvarint.write(bytes, domain.length);
    bytes.writeBytes(domain);
    Uvarint.write(bytes, TYPE.size());
    bytes.writeBytes(TYPE.toByteArray());
    Uvarint.write(bytes, payload.size());
    bytes.writeBytes(payload.toByteArray());
    return bytes.toByteArray();
  }

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static ByteString message(Fields fields) {
    ByteString.Output bytes = ByteString.newOutput();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return bytes.toByteString();
  }
}
