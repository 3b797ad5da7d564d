package io.atoll.p2p.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.record.Envelope;
import io.atoll.p2p.record.SignedPeerRecord;
import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LatencyReportTest {
  private static final Identity ALICE = Identity.generate();
  private static final PeerId BOB = Identity.generate().id();
  private static final Instant NOW = Instant.parse("2026-05-01T12:00:00.123Z");

  @Test
  void aReportIsReadAsItWasSigned() throws Exception {
    LatencyReport made =
        LatencyReport.sign(ALICE, NOW.plusNanos(999), Map.of(BOB, Duration.ofNanos(1_234_567)));
    LatencyReport read = LatencyReport.open(made.encode());
    assertThat(read.author()).isEqualTo(ALICE.id());
    assertThat(read.measured()).isEqualTo(NOW);
    assertThat(read.roundTrips()).containsExactly(Map.entry(BOB, Duration.ofNanos(1_234_000)));
  }

  @Test
  void theLargestReportFitsIntoAnEnvelope() throws Exception {
    Map<PeerId, Duration> many = new HashMap<>();
    while (many.size() < LatencyReport.MAX_ENTRIES) {
      many.put(Identity.generate().id(), Duration.ofSeconds(60));
    }
    assertThat(LatencyReport.open(LatencyReport.sign(ALICE, NOW, many).encode()).roundTrips())
        .isEqualTo(many);
    many.put(BOB, Duration.ofSeconds(1));
    assertThatThrownBy(() -> LatencyReport.sign(ALICE, NOW, many)).hasMessageContaining("129");
  }

  @Test
  void whatIsSignedForSomethingElseOrByNobodyIsNoReport() {
    byte[] record =
        SignedPeerRecord.sign(ALICE, 1, List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/5"))).encode();
    assertThatThrownBy(() -> LatencyReport.open(record)).isInstanceOf(ProtocolException.class);
    byte[] damaged = LatencyReport.sign(ALICE, NOW, Map.of(BOB, Duration.ofMillis(5))).encode();
    damaged[damaged.length - 1] ^= 1;
    assertThatThrownBy(() -> LatencyReport.open(damaged)).hasMessageContaining("signature");
  }

  @Test
  void numbersThatNobodyMeasuredAreRefused() throws Exception {
    assertThat(LatencyReport.open(signed(1, 1)).roundTrips()).hasSize(1);
    assertThatThrownBy(() -> LatencyReport.open(signed(1, 0))).hasMessageContaining("0 µs");
    assertThatThrownBy(() -> LatencyReport.open(signed(1, -1))).hasMessageContaining("1844674");
    assertThatThrownBy(() -> LatencyReport.open(signed(-1, 1))).hasMessageContaining("no time");
    assertThatThrownBy(() -> LatencyReport.open(signed(Long.MAX_VALUE, 1)))
        .hasMessageContaining("no time");
  }

  private static byte[] signed(long millis, long micros) throws Exception {
    var entry = new ByteArrayOutputStream();
    CodedOutputStream inner = CodedOutputStream.newInstance(entry);
    inner.writeByteArray(1, BOB.bytes());
    inner.writeUInt64(2, micros);
    inner.flush();
    var payload = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(payload);
    out.writeUInt64(1, millis);
    out.writeByteArray(2, entry.toByteArray());
    out.flush();
    byte[] type = "/atoll/latency/1".getBytes(StandardCharsets.US_ASCII);
    return Envelope.seal(ALICE, "atoll-latency", type, payload.toByteArray()).encode();
  }

  @Test
  void damagedReports() {
    List<byte[]> samples =
        List.of(
            LatencyReport.sign(ALICE, NOW, Map.of(BOB, Duration.ofMillis(5))).encode(),
            LatencyReport.sign(ALICE, NOW, Map.of()).encode());
    byte[] type = "/atoll/latency/1".getBytes(StandardCharsets.US_ASCII);
    List<byte[]> payloads =
        samples.stream()
            .map(
                sample -> {
                  try {
                    return Envelope.open(sample, "atoll-latency", type).payload();
                  } catch (ProtocolException e) {
                    throw new IllegalStateException(e);
                  }
                })
            .toList();
    Fuzz.rounds(
        "latency reports",
        2_000,
        random -> {
          try {
            // Half of them signed anew, so that what lies below the signature is reached.
            byte[] bytes =
                random.nextBoolean()
                    ? Fuzz.bytes(random, samples)
                    : Envelope.seal(ALICE, "atoll-latency", type, Fuzz.bytes(random, payloads))
                        .encode();
            LatencyReport read = LatencyReport.open(bytes);
            assertThat(read.roundTrips().values())
                .allMatch(rtt -> rtt.isPositive() && rtt.compareTo(Duration.ofMinutes(1)) <= 0);
          } catch (ProtocolException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
          }
        });
  }
}
