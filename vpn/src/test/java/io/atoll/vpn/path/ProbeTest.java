package io.atoll.vpn.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.udp.PacketKind;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeTest {
  private static final byte[] SHARED = filled(7);
  private static final byte[] ONE = filled(1);
  private static final byte[] OTHER = filled(2);
  private static final ProbeKey THERE = ProbeKey.of(SHARED, ONE, OTHER);
  private static final ProbeKey BACK = ProbeKey.of(SHARED, OTHER, ONE);

  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private final Probe probe = new Probe();
  private final Probe reader = new Probe();

  private static byte[] copy(ByteBuffer written) {
    byte[] bytes = new byte[written.remaining()];
    written.get(written.position(), bytes);
    return bytes;
  }

  private boolean isRead(byte[] bytes) {
    ByteBuffer packet = ByteBuffer.wrap(bytes);
    long id = Probe.key(packet);
    return (id == THERE.id() && reader.read(packet, THERE))
        || (id == BACK.id() && reader.read(packet, BACK));
  }

  @Test
  void whatIsWrittenIsRead() {
    long token = 0x1122334455667788L;
    byte[] question = copy(probe.question(THERE, token));
    assertThat(PacketKind.of(ByteBuffer.wrap(question))).contains(PacketKind.PATH);
    assertThat(isRead(question)).isTrue();
    assertThat(reader.answer()).isFalse();
    assertThat(reader.token()).isEqualTo(token);
    for (String host : List.of("192.0.2.7", "192.0.2.8", "2001:db8::7", "192.0.2.7")) {
      InetSocketAddress seen = new InetSocketAddress(host, 40_000);
      byte[] answer = copy(probe.answer(BACK, token, seen));
      assertThat(answer).as("no more than was asked").hasSameSizeAs(question);
      assertThat(isRead(answer)).isTrue();
      assertThat(reader.answer()).isTrue();
      assertThat(reader.token()).isEqualTo(token);
      assertThat(reader.seen()).isEqualTo(seen);
      InetSocketAddress first = reader.seen();
      assertThat(isRead(copy(probe.answer(BACK, token + 1, seen)))).isTrue();
      assertThat(reader.seen()).as("the same object for the same address").isSameAs(first);
      assertThat(HexFormat.of().formatHex(answer))
          .as("nobody reads it on the way")
          .doesNotContain(HexFormat.of().formatHex(seen.getAddress().getAddress()));
    }
    assertThat(isRead(copy(probe.answer(BACK, token, null)))).isTrue();
    assertThat(reader.seen()).isNull();
  }

  /// Bytes of version 1, which a later version must still read and write.
  @Test
  void theWireStaysAsItIs() {
    assertThat(HexFormat.of().formatHex(copy(probe.question(THERE, 5))))
        .isEqualTo(
            "8a4174011cf66fd768d9b334000000000000000504143ba7a388f9e451d99acdbe65f9c0df174e05ae22ec92d6ea029f082e252b2cf4");
  }

  @Test
  void nobodyElseMakesOne() {
    ProbeKey stranger = ProbeKey.of(filled(8), ONE, OTHER);
    byte[] strange = copy(probe.question(stranger, 1));
    assertThat(isRead(strange)).isFalse();
    assertThat(reader.read(ByteBuffer.wrap(strange), THERE)).isFalse();
    assertThat(THERE.id()).as("nothing can be thrown back").isNotEqualTo(BACK.id());
    byte[] bytes = copy(probe.question(THERE, 1));
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= 1;
      assertThat(isRead(changed)).as("byte " + i).isFalse();
    }
  }

  @Test
  void damagedProbes() {
    byte[] question = copy(probe.question(THERE, 9));
    byte[] answer = copy(probe.answer(BACK, 9, new InetSocketAddress("192.0.2.7", 40_000)));
    Fuzz.rounds(
        "probes",
        20_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, List.of(question, answer));
          if (isRead(bytes)) {
            assertThat(bytes).isIn(question, answer);
          }
        });
  }
}
