package io.atoll.p2p.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.relay.RelayMessage.Protocol;
import io.atoll.p2p.relay.RelayMessage.Reservation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RelayMessageTest {
  private static final Identity RELAY = Identity.generate();
  private static final PeerId ALICE = Identity.generate().id();
  private static final PeerId BOB = Identity.generate().id();
  private static final CircuitLimit LIMIT = new CircuitLimit(Duration.ofMinutes(2), 1 << 17);
  private static final Instant LATER = Instant.ofEpochSecond(Instant.now().getEpochSecond() + 60);

  private static RelayMessage there(Protocol protocol, RelayMessage message) throws IOException {
    var out = new ByteArrayOutputStream();
    message.write(protocol, out);
    out.write(77);
    var in = new ByteArrayInputStream(out.toByteArray());
    RelayMessage read = RelayMessage.read(protocol, in);
    // What follows belongs to the connection.
    assertThat(in.read()).isEqualTo(77);
    return read;
  }

  @Test
  void readsWhatItWrites() throws Exception {
    byte[] voucher = Voucher.sign(RELAY, ALICE, LATER);
    Reservation reservation =
        new Reservation(LATER, List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/5")), voucher);
    RelayMessage granted =
        there(Protocol.HOP, RelayMessage.granted(Optional.of(reservation), LIMIT));
    assertThat(granted.status()).isEqualTo(Status.OK);
    assertThat(granted.limit()).isEqualTo(LIMIT);
    assertThat(granted.reservation().orElseThrow().expires()).isEqualTo(LATER);
    assertThat(granted.reservation().orElseThrow().addresses()).isEqualTo(reservation.addresses());
    assertThat(Voucher.open(granted.reservation().orElseThrow().voucher()))
        .isEqualTo(new Voucher(RELAY.id(), ALICE, LATER));
    for (Protocol protocol : Protocol.values()) {
      assertThat(there(protocol, RelayMessage.connect(BOB, LIMIT)))
          .isEqualTo(RelayMessage.connect(BOB, LIMIT));
      for (Status status : Status.values()) {
        assertThat(there(protocol, RelayMessage.status(status)).status()).isEqualTo(status);
      }
    }
  }

  /// js leaves out what is 0: an empty message is RESERVE to a relay.
  @Test
  void whatIsAbsentIsZero() throws Exception {
    assertThat(RelayMessage.decode(Protocol.HOP, new byte[0]).type())
        .isEqualTo(RelayMessage.Type.RESERVE);
    assertThat(RelayMessage.decode(Protocol.STOP, new byte[0]).type())
        .isEqualTo(RelayMessage.Type.CONNECT);
    byte[] refused = HexFormat.of().parseHex("080228cc01");
    assertThat(RelayMessage.decode(Protocol.HOP, refused).status())
        .isEqualTo(Status.NO_RESERVATION);
  }

  @Test
  void addressesThroughRelays() {
    String via = "/ip4/1.2.3.4/tcp/5/p2p/" + RELAY.id();
    CircuitAddress circuit =
        CircuitAddress.of(Multiaddr.parse(via + "/p2p-circuit/p2p/" + ALICE)).orElseThrow();
    assertThat(circuit.via()).hasToString(via);
    assertThat(circuit.relay()).isEqualTo(RELAY.id());
    assertThat(circuit.target()).contains(ALICE);
    assertThat(CircuitAddress.of(Multiaddr.parse(via + "/p2p-circuit")).orElseThrow().target())
        .isEmpty();
    assertThat(CircuitAddress.of(Multiaddr.parse("/p2p/" + BOB + "/p2p-circuit"))).isPresent();
    for (String other :
        List.of(
            via,
            "/p2p-circuit/p2p/" + ALICE,
            "/ip4/1.2.3.4/tcp/5/p2p-circuit/p2p/" + ALICE,
            via + "/p2p-circuit/p2p/" + BOB + "/p2p-circuit/p2p/" + ALICE,
            via + "/p2p-circuit/tcp/5")) {
      assertThat(CircuitAddress.of(Multiaddr.parse(other))).isEmpty();
    }
  }

  @Test
  void theBookKeepsTheLimits() {
    Instant now = Instant.parse("2030-01-01T00:00:00Z");
    ReservationBook book =
        new ReservationBook(new RelayLimits(3, 2, Duration.ofHours(1), 3, 2, LIMIT));
    List<PeerId> peers =
        java.util.stream.Stream.generate(() -> Identity.generate().id()).limit(5).toList();
    assertThat(book.reserve(peers.get(0), "10.0.0.1", now)).isEqualTo(Status.OK);
    assertThat(book.reserve(peers.get(1), "10.0.0.1", now)).isEqualTo(Status.OK);
    assertThat(book.reserve(peers.get(2), "10.0.0.1", now)).isEqualTo(Status.RESERVATION_REFUSED);
    assertThat(book.reserve(peers.get(2), "10.0.0.2", now)).isEqualTo(Status.OK);
    assertThat(book.reserve(peers.get(3), "10.0.0.3", now)).isEqualTo(Status.RESERVATION_REFUSED);
    Instant later = now.plus(Duration.ofMinutes(30));
    assertThat(book.reserve(peers.get(0), "10.0.0.1", later)).isEqualTo(Status.OK);
    assertThat(book.begin(ALICE, peers.get(3), now)).isEqualTo(Status.NO_RESERVATION);
    assertThat(book.begin(ALICE, peers.get(0), now)).isEqualTo(Status.OK);
    assertThat(book.begin(BOB, peers.get(0), now)).isEqualTo(Status.OK);
    assertThat(book.begin(BOB, peers.get(0), now)).isEqualTo(Status.RESOURCE_LIMIT_EXCEEDED);
    book.end(BOB, peers.get(0));
    assertThat(book.begin(BOB, peers.get(0), now)).isEqualTo(Status.OK);
    assertThat(book.circuits()).isEqualTo(2);
    Instant end = now.plus(Duration.ofHours(1));
    assertThat(book.begin(BOB, peers.get(1), end)).isEqualTo(Status.NO_RESERVATION);
    assertThat(book.reserve(peers.get(3), "10.0.0.3", end)).isEqualTo(Status.OK);
    assertThat(book.reservations()).isEqualTo(2);
  }

  @Test
  void aVoucherOfSomebodyElseIsRefused() {
    byte[] voucher = Voucher.sign(RELAY, ALICE, LATER);
    voucher[voucher.length - 1] ^= 1;
    assertThatThrownBy(() -> Voucher.open(voucher)).hasMessageContaining("signature");
  }

  @Test
  void damagedMessages() throws Exception {
    byte[] voucher = Voucher.sign(RELAY, ALICE, LATER);
    Reservation reservation =
        new Reservation(LATER, List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/5")), voucher);
    List<byte[]> good =
        List.of(
            RelayMessage.granted(Optional.of(reservation), LIMIT).encode(Protocol.HOP),
            RelayMessage.connect(BOB, LIMIT).encode(Protocol.STOP),
            voucher);
    Fuzz.rounds(
        "relay",
        5_000,
        random -> {
          byte[] damaged = Fuzz.bytes(random, good);
          for (Protocol protocol : Protocol.values()) {
            try {
              RelayMessage.decode(protocol, damaged).encode(protocol);
            } catch (ProtocolException refused) {
              assertThat(refused.getMessage()).isNotBlank();
            }
          }
          try {
            assertThat(Voucher.open(damaged).peer()).isEqualTo(ALICE);
          } catch (ProtocolException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }
}
