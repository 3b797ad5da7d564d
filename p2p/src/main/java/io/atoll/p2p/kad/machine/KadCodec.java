package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The messages as protobuf, without the length before them.
public final class KadCodec {
  /// More than the largest honest message: 64 KiB of value and 40 peers with their addresses.
  public static final int MAX_MESSAGE = 512 << 10;

  static final int MAX_KEY = 1024;
  private static final int MAX_PEERS = 64;
  private static final int MAX_ADDRESSES = 32;
  private static final int MAX_TIME = 64;
  private static final int BYTES = 2;

  private KadCodec() {}

  public static byte[] encode(KadMessage message) {
    var bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      if (message.type().number() != 0) {
        out.writeEnum(1, message.type().number());
      }
      if (!message.key().isEmpty()) {
        out.writeBytes(2, message.key());
      }
      if (message.record().isPresent()) {
        out.writeByteArray(3, encode(message.record().get()));
      }
      for (Contact peer : message.closer()) {
        out.writeByteArray(8, encode(peer));
      }
      for (Contact peer : message.providers()) {
        out.writeByteArray(9, encode(peer));
      }
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static byte[] encode(KadRecord record) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeBytes(1, record.key());
    out.writeBytes(2, record.value());
    if (!record.received().isEmpty()) {
      out.writeString(5, record.received());
    }
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] encode(Contact peer) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeByteArray(1, peer.id().bytes());
    for (int i = 0; i < Math.min(MAX_ADDRESSES, peer.addresses().size()); i++) {
      out.writeByteArray(2, peer.addresses().get(i).bytes());
    }
    out.flush();
    return bytes.toByteArray();
  }

  /// @throws IllegalArgumentException if it is malformed, or more than a peer has to say
  public static KadMessage decode(byte[] message) {
    if (message.length > MAX_MESSAGE) {
      throw new IllegalArgumentException("kad: a message of " + message.length + " bytes");
    }
    int type = 0;
    ByteString key = ByteString.EMPTY;
    Optional<KadRecord> record = Optional.empty();
    List<Contact> closer = new ArrayList<>();
    List<Contact> providers = new ArrayList<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(message);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 -> type = in.readEnum();
          case 2 << 3 | BYTES -> key = limited(in.readBytes(), MAX_KEY, "key");
          case 3 << 3 | BYTES -> record = Optional.of(record(in.readBytes()));
          case 8 << 3 | BYTES -> add(closer, in.readBytes());
          case 9 << 3 | BYTES -> add(providers, in.readBytes());
          default -> in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("kad: not a message", e);
    }
    return new KadMessage(KadMessage.Type.of(type), key, record, closer, providers);
  }

  private static KadRecord record(ByteString bytes) throws IOException {
    ByteString key = ByteString.EMPTY;
    ByteString value = ByteString.EMPTY;
    String received = "";
    CodedInputStream in = bytes.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | BYTES -> key = limited(in.readBytes(), MAX_KEY, "key");
        case 2 << 3 | BYTES -> value = in.readBytes();
        case 5 << 3 | BYTES -> received = limited(in.readBytes(), MAX_TIME, "time").toStringUtf8();
        default -> in.skipField(tag);
      }
    }
    return new KadRecord(key, value, received);
  }

  /// A peer whose id is of a kind that is not known here is left out; the others still count.
  private static void add(List<Contact> peers, ByteString bytes) throws IOException {
    if (peers.size() == MAX_PEERS) {
      throw new IllegalArgumentException("kad: more than " + MAX_PEERS + " peers in a message");
    }
    byte[] id = new byte[0];
    List<byte[]> addresses = new ArrayList<>();
    CodedInputStream in = bytes.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | BYTES -> id = in.readByteArray();
        case 2 << 3 | BYTES -> {
          byte[] address = in.readByteArray();
          if (addresses.size() < MAX_ADDRESSES) {
            addresses.add(address);
          }
        }
        default -> in.skipField(tag);
      }
    }
    PeerId peer;
    try {
      peer = PeerId.of(id);
    } catch (IllegalArgumentException notKnown) {
      return;
    }
    peers.add(
        Contact.of(
            peer, Multiaddr.parseKnown(addresses).stream().map(Multiaddr::withoutPeer).toList()));
  }

  private static ByteString limited(ByteString bytes, int most, String what) {
    if (bytes.size() > most) {
      throw new IllegalArgumentException(
          "kad: a " + what + " of " + bytes.size() + " bytes; " + most + " are the most");
    }
    return bytes;
  }
}
