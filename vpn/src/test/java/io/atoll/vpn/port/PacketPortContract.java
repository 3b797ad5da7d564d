package io.atoll.vpn.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.vpn.port.Packets.Flow;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What holds for every port: what goes into one end comes out of the other as it was, whole or
/// cut, with sums that are right; what lies is dropped and counted; closing ends who waits.
@Timeout(30)
abstract class PacketPortContract {
  private static final int PORT = 7777;

  /// Two ports: what is sent to one is received by the other.
  ///
  /// @param near has the addresses 10.9.1.0/24 and fd09:1::/64 behind it
  /// @param far has the addresses 10.9.2.0/24 and fd09:2::/64 behind it
  record Ends(PacketPort near, PacketPort far) implements AutoCloseable {
    @Override
    public void close() {
      near.close();
      far.close();
    }
  }

  abstract Ends open() throws Exception;

  abstract Link link();

  private static final List<Flow> FLOWS =
      List.of(
          Packets.flow("10.9.1.2", "10.9.2.2", PORT, false),
          Packets.flow("fd09:1::2", "fd09:2::2", PORT, false),
          Packets.flow("10.9.1.2", "10.9.2.2", PORT, true),
          Packets.flow("fd09:1::2", "fd09:2::2", PORT, true));

  private byte[] link(byte[] packet) {
    byte[] header = new byte[link().bytes()];
    if (header.length > 0) {
      header[0] = 2;
      header[6] = 2;
      header[11] = 1;
      header[12] = (byte) (packet[0] >> 4 == 6 ? 0x86 : 0x08);
      header[13] = (byte) (packet[0] >> 4 == 6 ? 0xdd : 0x00);
    }
    return header;
  }

  private void add(PacketBatch batch, byte[] packet) {
    byte[] link = link(packet);
    byte[] frame = Arrays.copyOf(link, link.length + packet.length);
    System.arraycopy(packet, 0, frame, link.length, packet.length);
    Packets.add(batch, frame);
  }

  private static byte[] payload(int length, int seed) {
    byte[] payload = new byte[length];
    new Random(seed).nextBytes(payload);
    return payload;
  }

  /// Receives until there are so many packets for us; the system may send some of its own.
  private List<byte[]> receive(PacketPort from, int count) throws IOException {
    PacketBatch batch = PacketBatch.usual();
    Splitter splitter = new Splitter(link());
    List<byte[]> packets = new ArrayList<>();
    while (packets.size() < count) {
      from.receive(batch);
      for (byte[] frame : Packets.all(batch, splitter)) {
        byte[] packet = Arrays.copyOfRange(frame, link().bytes(), frame.length);
        int ip = Packets.ip(packet);
        boolean ours =
            (Packets.protocol(packet) == Packets.UDP || Packets.protocol(packet) == Packets.TCP)
                && ((packet[ip + 2] & 0xff) << 8 | packet[ip + 3] & 0xff) == PORT;
        if (ours) {
          assertThat(Packets.fault(packet)).isEmpty();
          packets.add(packet);
        }
      }
    }
    return packets;
  }

  private CompletableFuture<List<byte[]>> received(PacketPort from, int count) {
    CompletableFuture<List<byte[]>> all = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                all.complete(receive(from, count));
              } catch (Throwable t) {
                all.completeExceptionally(t);
              }
            });
    return all;
  }

  private static List<byte[]> payloads(List<byte[]> packets) {
    return packets.stream().map(Packets::payload).toList();
  }

  @Test
  void packetsComeOutAsTheyWentIn() throws Exception {
    try (Ends ends = open()) {
      assertThat(ends.near().link()).isEqualTo(link());
      assertThat(ends.near().mtu()).isGreaterThanOrEqualTo(1280);
      for (Flow flow : FLOWS) {
        List<byte[]> sent = new ArrayList<>();
        PacketBatch batch = PacketBatch.usual();
        for (int i = 0; i < 20; i++) {
          byte[] packet = Packets.make(flow, 5 + i, i, Packets.ACK, payload(1 + 61 * i, i));
          sent.add(packet);
          add(batch, packet);
        }
        // Some systems have room for ten frames only that nobody has taken yet.
        CompletableFuture<List<byte[]>> reader = received(ends.far(), 20);
        assertThat(ends.near().send(batch)).isEqualTo(20);
        List<byte[]> got = reader.get(10, TimeUnit.SECONDS);
        assertThat(payloads(got)).containsExactly(payloads(sent).toArray(byte[][]::new));
      }
    }
  }

  @Test
  void bothWays() throws Exception {
    try (Ends ends = open()) {
      Flow back = Packets.flow("10.9.2.2", "10.9.1.2", PORT, false);
      PacketBatch batch = PacketBatch.usual();
      add(batch, Packets.make(back, 1, 0, 0, payload(100, 1)));
      assertThat(ends.far().send(batch)).isEqualTo(1);
      assertThat(receive(ends.near(), 1)).hasSize(1);
    }
  }

  @Test
  void whatIsLeftToBeDoneIsDone() throws Exception {
    try (Ends ends = open()) {
      for (Flow flow : FLOWS) {
        byte[] one = Packets.make(flow, 9, 7, Packets.ACK, payload(701, 3));
        byte[] whole =
            Packets.make(flow, 9, 1000, Packets.ACK | Packets.PSH, payload(5 * 1000 + 17, 4));
        PacketBatch batch = PacketBatch.usual();
        Packets.addUnsummed(batch, one, 0, link(one));
        Packets.addUnsummed(batch, whole, 1000, link(whole));
        assertThat(ends.near().send(batch)).isEqualTo(2);
        List<byte[]> expected = new ArrayList<>(List.of(one));
        expected.addAll(Packets.cut(whole, 1000));
        List<byte[]> got = receive(ends.far(), 7);
        assertThat(payloads(got)).containsExactly(payloads(expected).toArray(byte[][]::new));
      }
    }
  }

  @Test
  void whatLiesIsDroppedAndCounted() throws Exception {
    try (Ends ends = open()) {
      Flow flow = FLOWS.getFirst();
      byte[] sound = Packets.make(flow, 1, 0, 0, payload(64, 1));
      byte[] tooLong = sound.clone();
      tooLong[2] = 0x7f;
      PacketBatch batch = PacketBatch.usual();
      add(batch, tooLong);
      // A super-packet of TCP that is UDP, and one whose sum belongs behind its end.
      byte[] frame = Arrays.copyOf(link(sound), link().bytes() + sound.length);
      System.arraycopy(sound, 0, frame, link().bytes(), sound.length);
      int ip = link().bytes() + 20;
      batch.add(Packets.put(batch, frame), frame.length, Segmentation.TCP4, 100, ip, 16);
      batch.addUnsummed(Packets.put(batch, frame), frame.length, ip, frame.length);
      add(batch, sound);
      assertThat(ends.near().send(batch)).isEqualTo(1);
      assertThat(receive(ends.far(), 1)).hasSize(1);
      assertThat(((Counted) ends.near()).counters().sentMalformed()).isEqualTo(3);
      assertThat(((Counted) ends.near()).counters().sent()).isEqualTo(1);
    }
  }

  @Test
  void anEmptyBatchIsNothing() throws Exception {
    try (Ends ends = open()) {
      assertThat(ends.near().send(PacketBatch.usual())).isZero();
    }
  }

  @Test
  void closingEndsWhoWaits() throws Exception {
    try (Ends ends = open()) {
      PacketPort port = ends.near();
      CompletableFuture<Throwable> ended = new CompletableFuture<>();
      Thread reader =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      PacketBatch batch = PacketBatch.usual();
                      while (true) {
                        port.receive(batch);
                      }
                    } catch (Throwable t) {
                      ended.complete(t);
                    }
                  });
      Thread.sleep(100);
      assertThat(reader.isAlive()).isTrue();
      port.close();
      assertThat(ended.get(5, TimeUnit.SECONDS)).isInstanceOf(ClosedChannelException.class);
      PacketBatch batch = PacketBatch.usual();
      add(batch, Packets.make(FLOWS.getFirst(), 1, 0, 0, payload(64, 1)));
      assertThatThrownBy(() -> port.send(batch)).isInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(() -> port.receive(batch)).isInstanceOf(ClosedChannelException.class);
      port.close();
    }
  }
}
