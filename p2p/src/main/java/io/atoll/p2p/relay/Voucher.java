package io.atoll.p2p.relay;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.record.Envelope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Instant;

/// A relay's signed word that it keeps a place for a peer.
record Voucher(PeerId relay, PeerId peer, Instant expires) {
  private static final String DOMAIN = "libp2p-relay-rsvp";
  private static final byte[] TYPE = {0x03, 0x02};
  private static final int VARINT = 0;
  private static final int LENGTH_DELIMITED = 2;

  static byte[] sign(Identity relay, PeerId peer, Instant expires) {
    var bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeByteArray(1, relay.id().bytes());
      out.writeByteArray(2, peer.bytes());
      out.writeUInt64(3, expires.getEpochSecond());
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return Envelope.seal(relay, DOMAIN, TYPE, bytes.toByteArray()).encode();
  }

  /// @throws ProtocolException if it is malformed, or not signed by the relay that it names
  static Voucher open(byte[] bytes) throws ProtocolException {
    Envelope envelope = Envelope.open(bytes, DOMAIN, TYPE);
    byte[] relay = new byte[0];
    byte[] peer = new byte[0];
    long expires = 0;
    try {
      CodedInputStream in = CodedInputStream.newInstance(envelope.payload());
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | LENGTH_DELIMITED -> relay = in.readByteArray();
          case 2 << 3 | LENGTH_DELIMITED -> peer = in.readByteArray();
          case 3 << 3 | VARINT -> expires = in.readUInt64();
          default -> in.skipField(tag);
        }
      }
      if (!PeerId.of(relay).equals(envelope.author())) {
        throw new ProtocolException("a voucher is signed by somebody else than the relay");
      }
      long seconds = expires < 0 ? Integer.MAX_VALUE : Math.min(expires, Integer.MAX_VALUE);
      return new Voucher(PeerId.of(relay), PeerId.of(peer), Instant.ofEpochSecond(seconds));
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new ProtocolException("a voucher is malformed: " + e.getMessage());
    }
  }
}
