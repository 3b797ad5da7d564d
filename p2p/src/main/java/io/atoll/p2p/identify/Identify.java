package io.atoll.p2p.identify;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Uvarint;
import io.atoll.p2p.record.SignedPeerRecord;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The message of both protocols, on an open stream.
public final class Identify {
  public static final String PROTOCOL = "/ipfs/id/1.0.0";
  public static final String PUSH_PROTOCOL = "/ipfs/id/push/1.0.0";
  private static final int MAX_MESSAGE = 8 << 10;
  private static final int MAX_MESSAGES = 10;
  private static final int MAX_ENTRIES = 512;

  private Identify() {}

  /// Writes one message, or two where the signed record does not fit into the first.
  ///
  /// @throws IOException if it is larger than peers accept
  public static void write(OutputStream out, Identified self) throws IOException {
    byte[] said = encode(self);
    byte[] record = record(self);
    var framed = new ByteArrayOutputStream();
    if (said.length + record.length <= MAX_MESSAGE) {
      Uvarint.write(framed, said.length + record.length);
      framed.writeBytes(said);
      framed.writeBytes(record);
    } else {
      for (byte[] message : new byte[][] {said, record}) {
        if (message.length > MAX_MESSAGE) {
          throw new IOException("an identify message of " + message.length + " bytes");
        }
        Uvarint.write(framed, message.length);
        framed.writeBytes(message);
      }
    }
    out.write(framed.toByteArray());
    out.flush();
  }

  /// Reads messages to the end of the stream.
  ///
  /// @throws ProtocolException if they are malformed or too large, or hold a signed record whose
  ///     signature is wrong or that is not about its author
  public static Identified read(InputStream in) throws IOException {
    var merged = new Merged();
    for (int i = 0; i < MAX_MESSAGES; i++) {
      int length;
      try {
        length = (int) Uvarint.read(in, MAX_MESSAGE);
      } catch (EOFException e) {
        if (i == 0) {
          throw new EOFException("the peer sent no identify message");
        }
        break;
      }
      byte[] message = in.readNBytes(length);
      if (message.length < length) {
        throw new EOFException("end of stream inside an identify message");
      }
      merged.add(message);
    }
    return merged.whole();
  }

  private static byte[] encode(Identified self) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    if (self.key().isPresent()) {
      out.writeByteArray(1, self.key().get().encode());
    }
    for (Multiaddr address : self.listen()) {
      out.writeByteArray(2, address.bytes());
    }
    for (String protocol : self.protocols()) {
      out.writeString(3, protocol);
    }
    if (self.observed().isPresent()) {
      out.writeByteArray(4, self.observed().get().bytes());
    }
    out.writeString(5, self.protocolVersion());
    out.writeString(6, self.agentVersion());
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] record(Identified self) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    if (self.record().isPresent()) {
      out.writeByteArray(8, self.record().get().encode());
    }
    out.flush();
    return bytes.toByteArray();
  }

  /// Several messages as one: lists add up, of single fields the last counts.
  private static final class Merged {
    private static final int LENGTH_DELIMITED = 2;
    private final List<byte[]> listen = new ArrayList<>();
    private final List<String> protocols = new ArrayList<>();
    private byte @Nullable [] key;
    private byte @Nullable [] observed;
    private byte @Nullable [] record;
    private String protocolVersion = "";
    private String agentVersion = "";

    void add(byte[] message) throws IOException {
      CodedInputStream in = CodedInputStream.newInstance(message);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | LENGTH_DELIMITED -> key = in.readByteArray();
          case 2 << 3 | LENGTH_DELIMITED -> listen.add(in.readByteArray());
          case 3 << 3 | LENGTH_DELIMITED -> protocols.add(in.readString());
          case 4 << 3 | LENGTH_DELIMITED -> observed = in.readByteArray();
          case 5 << 3 | LENGTH_DELIMITED -> protocolVersion = in.readString();
          case 6 << 3 | LENGTH_DELIMITED -> agentVersion = in.readString();
          case 8 << 3 | LENGTH_DELIMITED -> record = in.readByteArray();
          default -> in.skipField(tag);
        }
        if (listen.size() > MAX_ENTRIES || protocols.size() > MAX_ENTRIES) {
          throw new ProtocolException("identify: more than " + MAX_ENTRIES + " entries");
        }
      }
    }

    Identified whole() throws ProtocolException {
      try {
        return new Identified(
            key == null ? Optional.empty() : Optional.of(PublicKey.decode(key)),
            Multiaddr.parseKnown(listen),
            protocols,
            observed == null || observed.length == 0
                ? Optional.empty()
                : Multiaddr.parseKnown(List.of(observed)).stream()
                    .findFirst()
                    .map(Multiaddr::withoutPeer),
            protocolVersion,
            agentVersion,
            record == null || record.length == 0
                ? Optional.empty()
                : Optional.of(SignedPeerRecord.open(record)));
      } catch (IllegalArgumentException e) {
        throw new ProtocolException("identify: " + e.getMessage());
      }
    }
  }
}
