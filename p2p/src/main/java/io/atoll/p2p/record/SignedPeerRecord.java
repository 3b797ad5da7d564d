package io.atoll.p2p.record;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.net.ProtocolException;
import java.util.List;

/// A peer record in an envelope that the very peer signed.
public record SignedPeerRecord(PeerRecord record, Envelope envelope) {
  private static final String DOMAIN = "libp2p-peer-record";
  private static final byte[] TYPE = {0x03, 0x01};

  public SignedPeerRecord {
    if (!envelope.author().equals(record.peer())) {
      throw new IllegalArgumentException("a peer record is signed by somebody else");
    }
  }

  public static SignedPeerRecord sign(Identity self, long seq, List<Multiaddr> addresses) {
    PeerRecord record = new PeerRecord(self.id(), seq, addresses);
    return new SignedPeerRecord(record, Envelope.seal(self, DOMAIN, TYPE, record.encode()));
  }

  /// Parses one and checks all of it.
  ///
  /// @throws ProtocolException if it is malformed, or not signed by the peer that it is about
  public static SignedPeerRecord open(byte[] bytes) throws ProtocolException {
    return of(Envelope.open(bytes, DOMAIN, TYPE));
  }

  /// Parses one that was opened once before, and kept where nobody else writes.
  public static SignedPeerRecord reopen(byte[] bytes) throws ProtocolException {
    return of(Envelope.reopen(bytes, TYPE));
  }

  private static SignedPeerRecord of(Envelope envelope) throws ProtocolException {
    PeerRecord record = PeerRecord.decode(envelope.payload());
    if (!envelope.author().equals(record.peer())) {
      throw new ProtocolException("a peer record is signed by somebody else");
    }
    return new SignedPeerRecord(record, envelope);
  }

  public PeerId peer() {
    return record.peer();
  }

  public byte[] encode() {
    return envelope.encode();
  }
}
