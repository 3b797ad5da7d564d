package io.atoll.p2p.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionIdsTest {
  private final ConnectionIds ids = new ConnectionIds();

  private static byte[] shortHeader(byte[] id) {
    return ByteBuffer.allocate(60).put((byte) 0x40).put(id).array();
  }

  private static byte[] longHeader(byte[] id) {
    return ByteBuffer.allocate(80).put((byte) 0xc0).putInt(1).put((byte) id.length).put(id).array();
  }

  @Test
  void packetsOfConnectionsThatWereDialledAreKnown() {
    for (int i = 0; i < 100; i++) {
      byte[] id = ids.next();
      assertThat(id).hasSize(ConnectionIds.BYTES);
      assertThat(ids.marked(ByteBuffer.wrap(shortHeader(id)))).isTrue();
      assertThat(ids.marked(ByteBuffer.wrap(longHeader(id)))).isTrue();
    }
  }

  @Test
  void othersAreNot() {
    byte[] strange = new ConnectionIds().next();
    assertThat(ids.marked(ByteBuffer.wrap(shortHeader(strange)))).isFalse();
    assertThat(ids.marked(ByteBuffer.wrap(longHeader(strange)))).isFalse();
    byte[] changed = ids.next();
    changed[3] ^= 1;
    assertThat(ids.marked(ByteBuffer.wrap(shortHeader(changed)))).isFalse();
    assertThat(ids.marked(ByteBuffer.wrap(longHeader(new byte[8])))).isFalse();
  }

  @Test
  void noPacketIsTooStrange() {
    List<byte[]> samples = List.of(shortHeader(ids.next()), longHeader(ids.next()));
    Fuzz.rounds(
        "quic ids",
        20_000,
        random -> {
          ByteBuffer packet = ByteBuffer.wrap(Fuzz.bytes(random, samples));
          ids.marked(packet);
          assertThat(packet.position()).isZero();
        });
  }
}
