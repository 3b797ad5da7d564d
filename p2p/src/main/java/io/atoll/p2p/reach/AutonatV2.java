package io.atoll.p2p.reach;

import com.google.protobuf.CodedInputStream;
import io.atoll.core.multiformat.Multiaddr;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The messages of the second version.
sealed interface AutonatV2 {
  String DIAL_REQUEST = "/libp2p/autonat/2/dial-request";
  String DIAL_BACK = "/libp2p/autonat/2/dial-back";
  int MAX_BYTES = 8192;
  int MAX_ADDRESSES = 50;
  int MAX_DATA = 4096;

  int REJECTED = 100;
  int REFUSED = 101;
  int OK = 200;

  int UNUSED = 0;
  int DIAL_ERROR = 100;
  int DIAL_BACK_ERROR = 101;

  /// @param addresses with a place for each that was sent, as answers count them; empty where one
  ///     is not understood here
  record Request(List<Optional<Multiaddr>> addresses, long nonce) implements AutonatV2 {
    public Request {
      addresses = List.copyOf(addresses);
    }
  }

  record Response(int status, int index, int dialStatus) implements AutonatV2 {}

  record DataRequest(int index, long bytes) implements AutonatV2 {}

  record Data(int bytes) implements AutonatV2 {}

  default byte[] encode() throws IOException {
    return Protobuf.message(
        out -> {
          switch (this) {
            case Request(List<Optional<Multiaddr>> addresses, long nonce) ->
                out.writeByteArray(
                    1,
                    Protobuf.message(
                        fields -> {
                          for (Optional<Multiaddr> address : addresses) {
                            fields.writeByteArray(
                                1, address.map(Multiaddr::bytes).orElse(new byte[0]));
                          }
                          fields.writeFixed64(2, nonce);
                        }));
            case Response(int status, int index, int dialStatus) ->
                out.writeByteArray(
                    2,
                    Protobuf.message(
                        fields -> {
                          fields.writeEnum(1, status);
                          fields.writeUInt32(2, index);
                          fields.writeEnum(3, dialStatus);
                        }));
            case DataRequest(int index, long bytes) ->
                out.writeByteArray(
                    3,
                    Protobuf.message(
                        fields -> {
                          fields.writeUInt32(1, index);
                          fields.writeUInt64(2, bytes);
                        }));
            case Data(int bytes) ->
                out.writeByteArray(
                    4, Protobuf.message(fields -> fields.writeByteArray(1, new byte[bytes])));
          }
        });
  }

  static AutonatV2 decode(byte[] bytes) throws ProtocolException {
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | 2 -> {
            return request(in.readByteArray());
          }
          case 2 << 3 | 2 -> {
            return response(in.readByteArray());
          }
          case 3 << 3 | 2 -> {
            return dataRequest(in.readByteArray());
          }
          case 4 << 3 | 2 -> {
            return new Data(Protobuf.bytes(in.readByteArray(), 1).length);
          }
          default -> in.skipField(tag);
        }
      }
      throw new ProtocolException("an AutoNAT message that says nothing");
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new ProtocolException("an AutoNAT message is malformed: " + e.getMessage());
    }
  }

  /// DialBack.
  static byte[] encodeNonce(long nonce) throws IOException {
    return Protobuf.message(out -> out.writeFixed64(1, nonce));
  }

  static long decodeNonce(byte[] dialBack) throws ProtocolException {
    try {
      long nonce = 0;
      CodedInputStream in = CodedInputStream.newInstance(dialBack);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == (1 << 3 | 1)) {
          nonce = in.readFixed64();
        } else {
          in.skipField(tag);
        }
      }
      return nonce;
    } catch (IOException e) {
      throw new ProtocolException("an AutoNAT message is malformed: " + e.getMessage());
    }
  }

  private static Request request(byte[] message) throws IOException {
    List<Optional<Multiaddr>> addresses = new ArrayList<>();
    long nonce = 0;
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | 2 ->
            addresses.add(Multiaddr.parseKnown(List.of(in.readByteArray())).stream().findFirst());
        case 2 << 3 | 1 -> nonce = in.readFixed64();
        default -> in.skipField(tag);
      }
      if (addresses.size() > MAX_ADDRESSES) {
        throw new ProtocolException("more than " + MAX_ADDRESSES + " addresses to dial");
      }
    }
    return new Request(addresses, nonce);
  }

  private static Response response(byte[] message) throws IOException {
    int status = 0;
    int index = 0;
    int dialStatus = 0;
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 -> status = in.readEnum();
        case 2 << 3 -> index = in.readUInt32();
        case 3 << 3 -> dialStatus = in.readEnum();
        default -> in.skipField(tag);
      }
    }
    return new Response(status, index, dialStatus);
  }

  private static DataRequest dataRequest(byte[] message) throws IOException {
    int index = 0;
    long bytes = 0;
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 -> index = in.readUInt32();
        case 2 << 3 -> bytes = in.readUInt64();
        default -> in.skipField(tag);
      }
    }
    return new DataRequest(index, bytes);
  }
}
