package io.atoll.p2p.security.noise;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What the second and third message carry: `{1 identity_key, 2 identity_sig, 4 extensions{2
/// stream_muxers*}}`.
record HandshakePayload(byte[] identityKey, byte[] signature, List<String> muxers) {
  private static final int MAX_MUXERS = 32;
  private static final int KEY = 1 << 3 | 2;
  private static final int SIGNATURE = 2 << 3 | 2;
  private static final int EXTENSIONS = 4 << 3 | 2;
  private static final int STREAM_MUXER = 2 << 3 | 2;

  byte[] encode() {
    try {
      var extensions = new ByteArrayOutputStream();
      CodedOutputStream inner = CodedOutputStream.newInstance(extensions);
      for (String muxer : muxers) {
        inner.writeString(2, muxer);
      }
      inner.flush();
      var bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeByteArray(1, identityKey);
      out.writeByteArray(2, signature);
      out.writeByteArray(4, extensions.toByteArray());
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
  }

  static HandshakePayload decode(byte[] message) throws IOException {
    byte[] key = new byte[0];
    byte[] signature = new byte[0];
    List<String> muxers = new ArrayList<>();
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case KEY -> key = in.readByteArray();
        case SIGNATURE -> signature = in.readByteArray();
        case EXTENSIONS -> readMuxers(CodedInputStream.newInstance(in.readByteArray()), muxers);
        default -> in.skipField(tag);
      }
    }
    return new HandshakePayload(key, signature, muxers);
  }

  private static void readMuxers(CodedInputStream in, List<String> muxers) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag != STREAM_MUXER) {
        in.skipField(tag);
      } else if (muxers.size() < MAX_MUXERS) {
        muxers.add(in.readString());
      } else {
        in.readByteArray();
      }
    }
  }
}
