package io.atoll.p2p.record;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a peer can be reached, as it says itself.
///
/// @param seq unsigned; the higher one of two records counts
/// @param addresses those that are understood here, without the peer at their end
public record PeerRecord(PeerId peer, long seq, List<Multiaddr> addresses) {
  private static final int MAX_ADDRESSES = 256;
  private static final int VARINT = 0;
  private static final int LENGTH_DELIMITED = 2;

  public PeerRecord {
    addresses = addresses.stream().map(Multiaddr::withoutPeer).distinct().toList();
  }

  public static PeerRecord decode(byte[] payload) throws ProtocolException {
    byte @Nullable [] peer = null;
    long seq = 0;
    List<byte[]> addresses = new ArrayList<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(payload);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | LENGTH_DELIMITED -> peer = in.readByteArray();
          case 2 << 3 | VARINT -> seq = in.readUInt64();
          case 3 << 3 | LENGTH_DELIMITED -> addresses.add(address(in.readByteArray()));
          default -> in.skipField(tag);
        }
        if (addresses.size() > MAX_ADDRESSES) {
          throw new ProtocolException("a peer record has more than " + MAX_ADDRESSES + " entries");
        }
      }
      if (peer == null) {
        throw new ProtocolException("a peer record names no peer");
      }
      return new PeerRecord(PeerId.of(peer), seq, Multiaddr.parseKnown(addresses));
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new ProtocolException("a peer record is malformed: " + e.getMessage());
    }
  }

  public byte[] encode() {
    var bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeByteArray(1, peer.bytes());
      out.writeUInt64(2, seq);
      for (Multiaddr address : addresses) {
        var inner = new ByteArrayOutputStream();
        CodedOutputStream fields = CodedOutputStream.newInstance(inner);
        fields.writeByteArray(1, address.bytes());
        fields.flush();
        out.writeByteArray(3, inner.toByteArray());
      }
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /// Whether this record replaces the other.
  public boolean newerThan(PeerRecord other) {
    return Long.compareUnsigned(seq, other.seq) > 0;
  }

  private static byte[] address(byte[] message) throws IOException {
    byte[] multiaddr = new byte[0];
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (1 << 3 | LENGTH_DELIMITED)) {
        multiaddr = in.readByteArray();
      } else {
        in.skipField(tag);
      }
    }
    return multiaddr;
  }
}
