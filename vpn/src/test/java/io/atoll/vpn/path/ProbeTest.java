package io.atoll.vpn.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.udp.PacketKind;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProbeTest {
  private static final byte[] SHARED = filled(7);
  private static final byte[] ONE = filled(1);
  private static final byte[] OTHER = filled(2);
  private static final ProbeKey THERE = ProbeKey.of(SHARED, ONE, OTHER);
  private static final ProbeKey BACK = ProbeKey.of(SHARED, OTHER, ONE);
  private static final LongFunction<@Nullable ProbeKey> KEYS =
      id -> id == THERE.id() ? THERE : id == BACK.id() ? BACK : null;

  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static Probe read(byte[] bytes) {
    return Objects.requireNonNull(Probe.read(ByteBuffer.wrap(bytes), KEYS), "a probe");
  }

  @Test
  void whatIsWrittenIsRead() {
    Probe question = Probe.question(THERE, 0x1122334455667788L);
    byte[] bytes = question.write();
    assertThat(PacketKind.of(ByteBuffer.wrap(bytes))).contains(PacketKind.PATH);
    assertThat(read(bytes)).isEqualTo(question);
    for (String host : List.of("192.0.2.7", "2001:db8::7")) {
      InetSocketAddress seen = new InetSocketAddress(host, 40_000);
      Probe answer = question.answeredBy(BACK, seen);
      byte[] written = answer.write();
      assertThat(written).as("no more than was asked").hasSameSizeAs(bytes);
      assertThat(read(written)).isEqualTo(answer);
      assertThat(HexFormat.of().formatHex(written))
          .as("nobody reads it on the way")
          .doesNotContain(HexFormat.of().formatHex(seen.getAddress().getAddress()));
    }
    assertThat(read(question.answeredBy(BACK, null).write()).seen()).isNull();
  }

  /// Bytes of version 1, which a later version must still read and write.
  @Test
  void theWireStaysAsItIs() {
    assertThat(HexFormat.of().formatHex(Probe.question(THERE, 5).write()))
        .isEqualTo(
            "8a4174011cf66fd768d9b334000000000000000504143ba7a388f9e451d99acdbe65f9c0df174e05ae22ec92d6ea029f082e252b2cf4");
  }

  @Test
  void nobodyElseMakesOne() {
    ProbeKey stranger = ProbeKey.of(filled(8), ONE, OTHER);
    assertThat(Probe.read(ByteBuffer.wrap(Probe.question(stranger, 1).write()), KEYS)).isNull();
    assertThat(THERE.id()).as("nothing can be thrown back").isNotEqualTo(BACK.id());
    byte[] bytes = Probe.question(THERE, 1).write();
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= 1;
      assertThat(Probe.read(ByteBuffer.wrap(changed), KEYS)).as("byte " + i).isNull();
    }
  }

  @Test
  void damagedProbes() {
    byte[] question = Probe.question(THERE, 9).write();
    byte[] answer =
        Probe.question(THERE, 9)
            .answeredBy(BACK, new InetSocketAddress("192.0.2.7", 40_000))
            .write();
    Fuzz.rounds(
        "probes",
        20_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, List.of(question, answer));
          Probe probe = Probe.read(ByteBuffer.wrap(bytes), KEYS);
          if (probe != null) {
            assertThat(bytes).isIn(question, answer);
          }
        });
  }
}
