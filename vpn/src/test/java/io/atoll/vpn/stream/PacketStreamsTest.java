package io.atoll.vpn.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.udp.PacketKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PacketStreamsTest {
  private final List<AutoCloseable> opened = new ArrayList<>();

  private static byte[] wireGuard(int length, int fill) {
    byte[] packet = new byte[length];
    Arrays.fill(packet, (byte) fill);
    packet[0] = 4;
    packet[1] = 0;
    packet[2] = 0;
    packet[3] = 0;
    return packet;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private final class End {
    final NetworkHost host =
        P2p.start(HostConfig.of(Identity.generate(), List.of("/ip4/127.0.0.1/tcp/0")));
    final PacketStreams streams;
    final BlockingQueue<byte[]> got = new LinkedBlockingQueue<>();

    End(boolean accepts) throws IOException {
      opened.add(host);
      streams = PacketStreams.start(host, _ -> accepts);
      opened.add(streams);
      streams.handle(
          PacketKind.WIREGUARD,
          _ ->
              (MemorySegment memory, ByteBuffer packet) -> {
                byte[] copy = new byte[packet.remaining()];
                packet.get(packet.position(), copy);
                assertThat(memory.address()).isNotZero();
                got.add(copy);
              });
    }

    PacketStream to(End other) throws Exception {
      await().until(() -> streams.to(other.host.id()) != null);
      return Objects.requireNonNull(streams.to(other.host.id()), "a stream");
    }
  }

  @Test
  void packetsGoBothWaysInOrder() throws Exception {
    End one = new End(true);
    End other = new End(true);
    assertThat(one.streams.to(other.host.id())).as("they are not connected").isNull();
    one.host.connect(other.host.id(), other.host.listening(), Duration.ofSeconds(10));
    PacketStream there = one.to(other);
    for (int i = 0; i < 100; i++) {
      assertThat(there.send(wireGuard(100 + i, i))).isTrue();
    }
    for (int i = 0; i < 100; i++) {
      assertThat(other.got.poll(10, TimeUnit.SECONDS)).isEqualTo(wireGuard(100 + i, i));
    }
    assertThat(other.to(one).send(wireGuard(60, 1))).isTrue();
    assertThat(one.got.poll(10, TimeUnit.SECONDS)).isEqualTo(wireGuard(60, 1));
    assertThat(there.send(new byte[0])).isFalse();
    assertThat(there.send(new byte[70_000])).isFalse();
  }

  @Test
  void whatWaitsForTooLongIsDropped() throws Exception {
    End one = new End(true);
    End other = new End(true);
    one.host.connect(other.host.id(), other.host.listening(), Duration.ofSeconds(10));
    PacketStream there = one.to(other);
    int sent = 20_000;
    for (int i = 0; i < sent; i++) {
      there.send(wireGuard(1400, i));
    }
    byte[] last = wireGuard(1400, sent - 1);
    await()
        .untilAsserted(() -> assertThat(other.got.size() + one.streams.dropped()).isEqualTo(sent));
    assertThat(one.streams.dropped()).isPositive();
    assertThat(other.got.toArray(byte[][]::new)[other.got.size() - 1])
        .as("the oldest, not the newest")
        .isEqualTo(last);
  }

  @Test
  void strangersGetNoStream() throws Exception {
    End one = new End(true);
    End other = new End(false);
    one.host.connect(other.host.id(), other.host.listening(), Duration.ofSeconds(10));
    await()
        .untilAsserted(
            () -> {
              PacketStream stream = one.streams.to(other.host.id());
              assertThat(stream == null || !stream.send(wireGuard(60, 1))).isTrue();
            });
    assertThat(other.got).isEmpty();
  }

  @Test
  void damagedStreams() {
    byte[] three =
        ByteBuffer.allocate(2 + 60 + 2 + 40 + 2 + 1)
            .putShort((short) 60)
            .put(wireGuard(60, 1))
            .putShort((short) 40)
            .put(wireGuard(40, 2))
            .putShort((short) 1)
            .put((byte) 9)
            .array();
    Fuzz.rounds(
        "packet streams",
        20_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, List.of(three));
          int[] read = {0};
          try {
            PacketStream.read(
                new ByteArrayInputStream(bytes),
                (_, packet) -> {
                  assertThat(packet.remaining()).isPositive();
                  read[0] += PacketStream.LENGTH + packet.remaining();
                  PacketKind.of(packet);
                });
            assertThat(read[0]).isEqualTo(bytes.length);
          } catch (IOException refused) {
            assertThat(read[0]).isLessThan(bytes.length + 1);
          }
        });
  }
}
