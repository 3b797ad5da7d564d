package io.atoll.p2p.reach;

import com.google.protobuf.CodedInputStream;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The messages of the first version.
sealed interface AutonatV1 {
  String PROTOCOL = "/libp2p/autonat/1.0.0";
  int MAX_BYTES = 8192;
  int OK = 0;
  int DIAL_ERROR = 100;
  int DIAL_REFUSED = 101;
  int BAD_REQUEST = 200;

  record Dial(PeerId peer, List<Multiaddr> addresses) implements AutonatV1 {
    public Dial {
      addresses = List.copyOf(addresses);
    }
  }

  /// @param address that was dialled, where it says so
  record Response(int status, String text, Optional<Multiaddr> address) implements AutonatV1 {}

  default byte[] encode() throws IOException {
    return Protobuf.message(
        out -> {
          switch (this) {
            case Dial(PeerId peer, List<Multiaddr> addresses) -> {
              out.writeEnum(1, 0);
              byte[] info =
                  Protobuf.message(
                      fields -> {
                        fields.writeByteArray(1, peer.bytes());
                        for (Multiaddr address : addresses) {
                          fields.writeByteArray(2, address.bytes());
                        }
                      });
              out.writeByteArray(2, Protobuf.message(fields -> fields.writeByteArray(1, info)));
            }
            case Response(int status, String text, Optional<Multiaddr> address) -> {
              out.writeEnum(1, 1);
              out.writeByteArray(
                  3,
                  Protobuf.message(
                      fields -> {
                        fields.writeEnum(1, status);
                        fields.writeString(2, text);
                        if (address.isPresent()) {
                          fields.writeByteArray(3, address.get().bytes());
                        }
                      }));
            }
          }
        });
  }

  static AutonatV1 decode(byte[] bytes) throws ProtocolException {
    try {
      int type = 0;
      byte @Nullable [] dial = null;
      byte @Nullable [] response = null;
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 -> type = in.readEnum();
          case 2 << 3 | 2 -> dial = in.readByteArray();
          case 3 << 3 | 2 -> response = in.readByteArray();
          default -> in.skipField(tag);
        }
      }
      if (type == 0 && dial != null) {
        return dial(Protobuf.bytes(dial, 1));
      }
      if (type == 1 && response != null) {
        return response(response);
      }
      throw new ProtocolException("an AutoNAT message that says nothing");
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new ProtocolException("an AutoNAT message is malformed: " + e.getMessage());
    }
  }

  private static Dial dial(byte[] peer) throws IOException {
    List<byte[]> addresses = new ArrayList<>();
    byte[] id = new byte[0];
    CodedInputStream in = CodedInputStream.newInstance(peer);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | 2 -> id = in.readByteArray();
        case 2 << 3 | 2 -> addresses.add(in.readByteArray());
        default -> in.skipField(tag);
      }
    }
    return new Dial(PeerId.of(id), Multiaddr.parseKnown(addresses));
  }

  private static Response response(byte[] message) throws IOException {
    int status = 0;
    String text = "";
    List<byte[]> address = new ArrayList<>();
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 -> status = in.readEnum();
        case 2 << 3 | 2 -> text = in.readString();
        case 3 << 3 | 2 -> address.add(in.readByteArray());
        default -> in.skipField(tag);
      }
    }
    return new Response(status, text, Multiaddr.parseKnown(address).stream().findFirst());
  }
}
