package io.atoll.p2p.relay;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.negotiate.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A message of either protocol: they differ in the numbers of their types and of two fields.
///
/// @param peer whom it is about; its addresses are not used
/// @param status UNKNOWN where there is none
record RelayMessage(
    Type type,
    Optional<PeerId> peer,
    Optional<Reservation> reservation,
    CircuitLimit limit,
    Status status) {
  static final int MAX_BYTES = 4096;
  private static final int MAX_ADDRESSES = 64;
  private static final int VARINT = 0;
  private static final int LENGTH_DELIMITED = 2;
  private static final long LONGEST_SECONDS = Duration.ofDays(365).toSeconds();

  enum Protocol {
    HOP("/libp2p/circuit/relay/0.2.0/hop", 5),
    STOP("/libp2p/circuit/relay/0.2.0/stop", 4);

    private final String id;
    private final int statusField;

    Protocol(String id, int statusField) {
      this.id = id;
      this.statusField = statusField;
    }

    String id() {
      return id;
    }
  }

  enum Type {
    RESERVE,
    CONNECT,
    STATUS;

    private int number(Protocol protocol) {
      return switch (this) {
        case RESERVE -> 0;
        case CONNECT -> protocol == Protocol.HOP ? 1 : 0;
        case STATUS -> protocol == Protocol.HOP ? 2 : 1;
      };
    }

    private static Type of(Protocol protocol, int number) throws ProtocolException {
      return switch (protocol) {
        case HOP ->
            switch (number) {
              case 0 -> RESERVE;
              case 1 -> CONNECT;
              case 2 -> STATUS;
              default -> throw new ProtocolException("a relay message of type " + number);
            };
        case STOP ->
            switch (number) {
              case 0 -> CONNECT;
              case 1 -> STATUS;
              default -> throw new ProtocolException("a relay message of type " + number);
            };
      };
    }
  }

  /// @param voucher an envelope, as it came
  record Reservation(Instant expires, List<Multiaddr> addresses, byte[] voucher) {
    Reservation {
      addresses = List.copyOf(addresses);
    }
  }

  static RelayMessage reserve() {
    return new RelayMessage(
        Type.RESERVE, Optional.empty(), Optional.empty(), CircuitLimit.NONE, Status.UNKNOWN);
  }

  static RelayMessage connect(PeerId peer, CircuitLimit limit) {
    return new RelayMessage(
        Type.CONNECT, Optional.of(peer), Optional.empty(), limit, Status.UNKNOWN);
  }

  static RelayMessage status(Status status) {
    return new RelayMessage(
        Type.STATUS, Optional.empty(), Optional.empty(), CircuitLimit.NONE, status);
  }

  static RelayMessage granted(Optional<Reservation> reservation, CircuitLimit limit) {
    return new RelayMessage(Type.STATUS, Optional.empty(), reservation, limit, Status.OK);
  }

  void write(Protocol protocol, OutputStream out) throws IOException {
    Frame.write(out, encode(protocol));
  }

  /// Reads one message, and not a byte of what follows it.
  ///
  /// @throws ProtocolException if it is malformed or too large
  static RelayMessage read(Protocol protocol, InputStream in) throws IOException {
    return decode(protocol, Frame.read(in, MAX_BYTES));
  }

  byte[] encode(Protocol protocol) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeEnum(1, type.number(protocol));
    if (peer.isPresent()) {
      byte[] id = peer.get().bytes();
      out.writeByteArray(2, message(fields -> fields.writeByteArray(1, id)));
    }
    if (reservation.isPresent() && protocol == Protocol.HOP) {
      Reservation granted = reservation.get();
      out.writeByteArray(
          3,
          message(
              fields -> {
                fields.writeUInt64(1, granted.expires.getEpochSecond());
                for (Multiaddr address : granted.addresses) {
                  fields.writeByteArray(2, address.bytes());
                }
                if (granted.voucher.length > 0) {
                  fields.writeByteArray(3, granted.voucher);
                }
              }));
    }
    if (!limit.equals(CircuitLimit.NONE)) {
      out.writeByteArray(
          protocol.statusField - 1,
          message(
              fields -> {
                fields.writeUInt32(1, (int) limit.duration().toSeconds());
                fields.writeUInt64(2, limit.data());
              }));
    }
    if (type == Type.STATUS) {
      out.writeEnum(protocol.statusField, status.number());
    }
    out.flush();
    return bytes.toByteArray();
  }

  static RelayMessage decode(Protocol protocol, byte[] bytes) throws ProtocolException {
    int type = 0;
    int status = 0;
    byte @Nullable [] peer = null;
    byte @Nullable [] reservation = null;
    byte @Nullable [] limit = null;
    int limitField = protocol.statusField - 1;
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == (1 << 3 | VARINT)) {
          type = in.readEnum();
        } else if (tag == (2 << 3 | LENGTH_DELIMITED)) {
          peer = in.readByteArray();
        } else if (tag == (limitField << 3 | LENGTH_DELIMITED)) {
          limit = in.readByteArray();
        } else if (tag == (3 << 3 | LENGTH_DELIMITED)) {
          reservation = in.readByteArray();
        } else if (tag == (protocol.statusField << 3 | VARINT)) {
          status = in.readEnum();
        } else {
          in.skipField(tag);
        }
      }
      return new RelayMessage(
          Type.of(protocol, type),
          peer == null ? Optional.empty() : Optional.of(peer(peer)),
          reservation == null ? Optional.empty() : Optional.of(reservation(reservation)),
          limit == null ? CircuitLimit.NONE : limit(limit),
          Status.of(status));
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new ProtocolException("a relay message is malformed: " + e.getMessage());
    }
  }

  private static PeerId peer(byte[] message) throws IOException {
    byte[] id = new byte[0];
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (1 << 3 | LENGTH_DELIMITED)) {
        id = in.readByteArray();
      } else {
        in.skipField(tag);
      }
    }
    return PeerId.of(id);
  }

  private static Reservation reservation(byte[] message) throws IOException {
    long expire = 0;
    List<byte[]> addresses = new ArrayList<>();
    byte[] voucher = new byte[0];
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | VARINT -> expire = in.readUInt64();
        case 2 << 3 | LENGTH_DELIMITED -> addresses.add(in.readByteArray());
        case 3 << 3 | LENGTH_DELIMITED -> voucher = in.readByteArray();
        default -> in.skipField(tag);
      }
      if (addresses.size() > MAX_ADDRESSES) {
        throw new ProtocolException("a relay has more than " + MAX_ADDRESSES + " addresses");
      }
    }
    long latest = Instant.now().getEpochSecond() + LONGEST_SECONDS;
    long seconds = expire < 0 ? latest : Math.min(expire, latest);
    return new Reservation(
        Instant.ofEpochSecond(seconds), Multiaddr.parseKnown(addresses), voucher);
  }

  private static CircuitLimit limit(byte[] message) throws IOException {
    long duration = 0;
    long data = 0;
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | VARINT -> duration = Integer.toUnsignedLong(in.readUInt32());
        case 2 << 3 | VARINT -> data = in.readUInt64();
        default -> in.skipField(tag);
      }
    }
    return new CircuitLimit(Duration.ofSeconds(duration), data < 0 ? Long.MAX_VALUE : data);
  }

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.write(out);
    out.flush();
    return bytes.toByteArray();
  }
}
