package io.atoll.p2p.holepunch;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.multiformat.Multiaddr;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;

/// @param addresses where the sender may be reached, as far as they are understood here
record PunchMessage(Type type, List<Multiaddr> addresses) {
  static final String PROTOCOL = "/libp2p/dcutr";
  static final int MAX_BYTES = 4096;
  private static final int MAX_ADDRESSES = 64;

  enum Type {
    CONNECT(100),
    SYNC(300);

    private final int number;

    Type(int number) {
      this.number = number;
    }
  }

  PunchMessage {
    addresses = addresses.stream().map(Multiaddr::withoutPeer).toList();
  }

  byte[] encode() throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeEnum(1, type.number);
    for (Multiaddr address : addresses) {
      out.writeByteArray(2, address.bytes());
    }
    out.flush();
    return bytes.toByteArray();
  }

  static PunchMessage decode(byte[] message) throws ProtocolException {
    int type = 0;
    List<byte[]> addresses = new ArrayList<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(message);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 -> type = in.readEnum();
          case 2 << 3 | 2 -> addresses.add(in.readByteArray());
          default -> in.skipField(tag);
        }
        if (addresses.size() > MAX_ADDRESSES) {
          throw new ProtocolException("more than " + MAX_ADDRESSES + " addresses to dial");
        }
      }
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException e) {
      throw new ProtocolException("a hole punch message is malformed: " + e.getMessage());
    }
    for (Type known : Type.values()) {
      if (known.number == type) {
        return new PunchMessage(known, Multiaddr.parseKnown(addresses));
      }
    }
    throw new ProtocolException("a hole punch message of type " + type);
  }
}
