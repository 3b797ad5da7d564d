package io.atoll.p2p.chat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.multiformat.Uvarint;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// Both messages are one text in field 1.
final class ChatWire {
  private static final int LARGEST = 8 << 10;
  private static final int TEXT = 1 << 3 | 2;

  private ChatWire() {}

  static void write(OutputStream out, String text) throws IOException {
    var body = new ByteArrayOutputStream();
    CodedOutputStream fields = CodedOutputStream.newInstance(body);
    if (!text.isEmpty()) {
      fields.writeString(1, text);
    }
    fields.flush();
    var frame = new ByteArrayOutputStream();
    Uvarint.write(frame, body.size());
    frame.writeBytes(body.toByteArray());
    out.write(frame.toByteArray());
    out.flush();
  }

  static String read(InputStream in) throws IOException {
    int length = (int) Uvarint.read(in, LARGEST);
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("end of stream inside a line");
    }
    String text = "";
    CodedInputStream fields = CodedInputStream.newInstance(body);
    for (int tag = fields.readTag(); tag != 0; tag = fields.readTag()) {
      if (tag == TEXT) {
        text = fields.readStringRequireUtf8();
      } else {
        fields.skipField(tag);
      }
    }
    return text;
  }
}
