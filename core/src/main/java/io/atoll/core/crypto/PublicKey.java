package io.atoll.core.crypto;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;

/// The public key of a peer: Ed25519 raw 32 bytes, secp256k1 compressed 33 bytes, RSA and ECDSA as
/// DER SubjectPublicKeyInfo.
public record PublicKey(KeyType type, byte[] data) {
  /// An RSA key of 8,192 bits has 1,062 bytes.
  private static final int MAX_DATA = 1100;

  public PublicKey {
    data = data.clone();
    boolean fits =
        switch (type) {
          case ED25519 -> data.length == 32;
          case SECP256K1 -> data.length == 33 && (data[0] == 2 || data[0] == 3);
          case RSA, ECDSA -> data.length > 0 && data.length <= MAX_DATA;
        };
    if (!fits) {
      throw new IllegalArgumentException("not an " + type + " key: " + data.length + " bytes");
    }
  }

  @Override
  public byte[] data() {
    return data.clone();
  }

  /// The PublicKey message: both fields, in tag order, nothing else.
  public byte[] encode() {
    var bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeEnum(1, type.number());
      out.writeByteArray(2, data);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /// Parses a PublicKey message; an absent type is 0, RSA, as some peers leave zeros out.
  public static PublicKey decode(byte[] message) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(message);
      int type = 0;
      byte[] data = new byte[0];
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 -> type = in.readEnum();
          case 2 << 3 | 2 -> data = in.readByteArray();
          default -> in.skipField(tag);
        }
      }
      return new PublicKey(KeyType.of(type), data);
    } catch (IOException e) {
      throw new IllegalArgumentException("not a PublicKey message", e);
    }
  }

  /// Whether this key made the signature over the message. False for any malformed signature.
  public boolean verify(byte[] message, byte[] signature) {
    return Signatures.verify(type, data, message, signature);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey(KeyType t, byte[] d) && t == type && Arrays.equals(d, data);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return type + ":" + HexFormat.of().formatHex(data);
  }
}
