package io.atoll.p2p.record;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Uvarint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A payload with its author's key and signature. Whoever holds one has checked the signature, for
/// the domain that it was opened or sealed with.
public final class Envelope {
  /// The largest that is read; identify messages end there too.
  public static final int MAX_BYTES = 8 << 10;

  private static final int LENGTH_DELIMITED = 2;

  private final PublicKey key;
  private final byte[] type;
  private final byte[] payload;
  private final byte[] signature;

  private Envelope(PublicKey key, byte[] type, byte[] payload, byte[] signature) {
    this.key = key;
    this.type = type;
    this.payload = payload;
    this.signature = signature;
  }

  /// Signs a payload. The domain keeps the signature from meaning something elsewhere.
  public static Envelope seal(Identity author, String domain, byte[] type, byte[] payload) {
    byte[] signature = author.sign(signed(domain, type, payload));
    return new Envelope(author.publicKey(), type.clone(), payload.clone(), signature);
  }

  /// Parses an envelope and checks its signature and its type.
  ///
  /// @throws ProtocolException if it is malformed, of another type, or not signed for this domain
  public static Envelope open(byte[] bytes, String domain, byte[] type) throws ProtocolException {
    return open(bytes, domain, type, MAX_BYTES);
  }

  /// The same for one that may be as large as `most` bytes.
  public static Envelope open(byte[] bytes, String domain, byte[] type, int most)
      throws ProtocolException {
    Envelope parsed = parse(bytes, type, most);
    if (!parsed.key.verify(signed(domain, type, parsed.payload), parsed.signature)) {
      throw new ProtocolException("the signature of an envelope is wrong");
    }
    return parsed;
  }

  /// Parses an envelope that was opened once before, and kept where nobody else writes: checking
  /// the signatures of a thousand takes a second.
  static Envelope reopen(byte[] bytes, byte[] type) throws ProtocolException {
    return parse(bytes, type, MAX_BYTES);
  }

  private static Envelope parse(byte[] bytes, byte[] type, int most) throws ProtocolException {
    if (bytes.length > most) {
      throw new ProtocolException("an envelope of " + bytes.length + " bytes");
    }
    byte @Nullable [] key = null;
    byte[] found = new byte[0];
    byte[] payload = new byte[0];
    byte[] signature = new byte[0];
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | LENGTH_DELIMITED -> key = in.readByteArray();
          case 2 << 3 | LENGTH_DELIMITED -> found = in.readByteArray();
          case 3 << 3 | LENGTH_DELIMITED -> payload = in.readByteArray();
          case 5 << 3 | LENGTH_DELIMITED -> signature = in.readByteArray();
          default -> in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw new ProtocolException("an envelope is malformed: " + e.getMessage());
    }
    if (key == null) {
      throw new ProtocolException("an envelope names no key");
    }
    if (!Arrays.equals(found, type)) {
      throw new ProtocolException("an envelope holds something else than was expected");
    }
    try {
      return new Envelope(PublicKey.decode(key), found, payload, signature);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("an envelope names no usable key: " + e.getMessage());
    }
  }

  public PublicKey key() {
    return key;
  }

  public PeerId author() {
    return PeerId.of(key);
  }

  public byte[] payload() {
    return payload.clone();
  }

  public byte[] encode() {
    var bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeByteArray(1, key.encode());
      out.writeByteArray(2, type);
      out.writeByteArray(3, payload);
      out.writeByteArray(5, signature);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static byte[] signed(String domain, byte[] type, byte[] payload) {
    var bytes = new ByteArrayOutputStream();
    for (byte[] part : new byte[][] {domain.getBytes(StandardCharsets.UTF_8), type, payload}) {
      Uvarint.write(bytes, part.length);
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Envelope that && Arrays.equals(encode(), that.encode());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }

  @Override
  public String toString() {
    return "envelope of " + author() + ", " + payload.length + " bytes";
  }
}
