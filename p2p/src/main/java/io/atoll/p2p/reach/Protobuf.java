package io.atoll.p2p.reach;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// Messages within messages.
final class Protobuf {
  private Protobuf() {}

  interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  static byte[] message(Fields fields) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.write(out);
    out.flush();
    return bytes.toByteArray();
  }

  /// The last field of that number with bytes in it; none if there is no such field.
  static byte[] bytes(byte[] message, int field) throws IOException {
    byte[] found = new byte[0];
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (field << 3 | 2)) {
        found = in.readByteArray();
      } else {
        in.skipField(tag);
      }
    }
    return found;
  }
}
