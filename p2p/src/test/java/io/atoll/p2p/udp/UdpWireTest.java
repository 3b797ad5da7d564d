package io.atoll.p2p.udp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atoll.core.os.Errno;
import io.atoll.core.os.Native;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What holds however packets get in and out: with all that the system does, with less, with the
/// JDK's channel.
@Timeout(20)
class UdpWireTest {
  private static Stream<UdpAbilities> ways() {
    return Stream.of(
        UdpAbilities.CHANNEL,
        new UdpAbilities(true, false, false, false),
        new UdpAbilities(true, true, false, false),
        new UdpAbilities(true, true, true, false),
        new UdpAbilities(true, true, false, true),
        UdpAbilities.ALL);
  }

  private static UdpSocket bind(String host, UdpAbilities most) throws IOException {
    assumeTrue(
        !most.nativeCalls() || Native.missing() == null, "native calls: " + Native.missing());
    UdpSocket socket = UdpSocket.bind(new InetSocketAddress(InetAddress.getByName(host), 0), most);
    assertThat(socket.abilities()).isEqualTo(most);
    return socket;
  }

  private static byte[] packet(int length, int number) {
    byte[] packet = new byte[length];
    for (int i = 0; i < length; i++) {
      packet[i] = (byte) (number * 7 + i);
    }
    packet[0] = 0x40;
    return packet;
  }

  private static BlockingQueue<byte[]> received(UdpSocket socket) {
    BlockingQueue<byte[]> got = new LinkedBlockingQueue<>();
    socket.handle(
        PacketKind.QUIC,
        (packet, _) -> {
          byte[] bytes = new byte[packet.remaining()];
          assertThat(socket.memory().get(JAVA_BYTE, packet.position()))
              .isEqualTo(packet.get(packet.position()));
          packet.get(bytes);
          got.add(bytes);
        });
    return got;
  }

  private static List<byte[]> take(BlockingQueue<byte[]> from, int count)
      throws InterruptedException {
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] one = from.poll(5, TimeUnit.SECONDS);
      assertThat(one).as("packet " + i).isNotNull();
      all.add(one);
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("ways")
  void manyPacketsComeOutOneByOne(UdpAbilities way) throws Exception {
    for (String host : new String[] {"127.0.0.1", "::1"}) {
      try (UdpSocket here = bind(host, way);
          UdpSocket there = bind(host, way)) {
        BlockingQueue<byte[]> got = received(there);
        List<byte[]> sent = new ArrayList<>();
        MemorySegment memory = Arena.ofAuto().allocate(200_000, 8);
        for (int size : new int[] {1, 100, 1452}) {
          int count = 130;
          int last = Math.max(1, size / 2);
          int offset = 64;
          for (int i = 0; i < count; i++) {
            byte[] one = packet(i == count - 1 ? last : size, i);
            MemorySegment.copy(one, 0, memory, JAVA_BYTE, offset, one.length);
            offset += one.length;
            sent.add(one);
          }
          assertThat(here.send(memory, 64, offset - 64, size, there.address())).isEqualTo(count);
          assertThat(take(got, count)).containsExactly(sent.toArray(byte[][]::new));
          sent.clear();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aSocketOfBothKindsOfAddressesServesBoth(UdpAbilities way) throws Exception {
    try (UdpSocket both = bind("::", way);
        UdpSocket four = bind("127.0.0.1", way);
        UdpSocket six = bind("::1", way)) {
      BlockingQueue<InetSocketAddress> senders = new LinkedBlockingQueue<>();
      both.handle(PacketKind.QUIC, (_, from) -> senders.add(from));
      int port = both.address().getPort();
      BlockingQueue<byte[]> fourGot = received(four);
      BlockingQueue<byte[]> sixGot = received(six);
      for (int i = 0; i < 3; i++) {
        four.send(
            ByteBuffer.wrap(packet(9, i)),
            new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
        assertThat(senders.poll(5, TimeUnit.SECONDS)).isEqualTo(four.address());
        six.send(
            ByteBuffer.wrap(packet(9, i)),
            new InetSocketAddress(InetAddress.getByName("::1"), port));
        assertThat(senders.poll(5, TimeUnit.SECONDS)).isEqualTo(six.address());
        both.send(ByteBuffer.wrap(packet(5, i)), four.address());
        both.send(ByteBuffer.wrap(packet(6, i)), six.address());
        assertThat(take(fourGot, 1).getFirst()).isEqualTo(packet(5, i));
        assertThat(take(sixGot, 1).getFirst()).isEqualTo(packet(6, i));
      }
      assertThatThrownBy(() -> four.send(ByteBuffer.wrap(packet(5, 1)), six.address()))
          .isInstanceOfAny(
              IOException.class,
              IllegalArgumentException.class,
              UnsupportedAddressTypeException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void theLongestPacketGoesAndALongerIsRefused(UdpAbilities way) throws Exception {
    try (UdpSocket here = bind("127.0.0.1", way);
        UdpSocket there = bind("127.0.0.1", way)) {
      BlockingQueue<byte[]> got = received(there);
      here.send(ByteBuffer.wrap(packet(65_507, 1)), there.address());
      assertThat(take(got, 1).getFirst()).isEqualTo(packet(65_507, 1));
      assertThatThrownBy(() -> here.send(ByteBuffer.wrap(packet(65_508, 1)), there.address()))
          .isInstanceOf(IOException.class);
      here.send(ByteBuffer.wrap(packet(3, 1)), there.address());
      assertThat(take(got, 1)).hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void manyThreadsSend(UdpAbilities way) throws Exception {
    try (UdpSocket here = bind("127.0.0.1", way);
        UdpSocket there = bind("127.0.0.1", way)) {
      BlockingQueue<byte[]> got = received(there);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int number = t;
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int i = 0; i < 40; i++) {
                        try {
                          here.send(ByteBuffer.wrap(packet(100 + number, number)), there.address());
                        } catch (IOException e) {
                          return;
                        }
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      for (byte[] one : take(got, 320)) {
        assertThat(one).isEqualTo(packet(one.length, one.length - 100));
      }
    }
  }

  @Test
  void theEndOfABatchIsTold() throws Exception {
    try (UdpSocket here = bind("127.0.0.1", UdpAbilities.ALL);
        UdpSocket there = bind("127.0.0.1", UdpAbilities.ALL)) {
      BlockingQueue<String> told = new LinkedBlockingQueue<>();
      there.handle(
          PacketKind.QUIC,
          new UdpSocket.Receiver() {
            @Override
            public void received(ByteBuffer packet, InetSocketAddress from) {
              told.add("packet");
            }

            @Override
            public void batchEnded() {
              told.add("end");
            }
          });
      MemorySegment memory = Arena.ofAuto().allocate(300);
      memory.fill((byte) 0x40);
      here.send(memory, 0, 300, 100, there.address());
      // On loopback what was sent in one piece comes in one piece.
      for (String expected : List.of("packet", "packet", "packet", "end")) {
        assertThat(told.poll(5, TimeUnit.SECONDS)).isEqualTo(expected);
      }
    }
  }

  @Test
  void aRefusedCutIsBelievedAfterSomeAndAnErrorOfTheDeviceAtOnce() {
    SendWays ways = new SendWays(true, true);
    for (int i = 0; i < 7; i++) {
      assertThat(ways.cutRefused(Errno.EINVAL)).isTrue();
      assertThat(ways.cuts()).isTrue();
    }
    ways.cutTaken();
    for (int i = 0; i < 8; i++) {
      assertThat(ways.cuts()).isTrue();
      assertThat(ways.cutRefused(Errno.EINVAL)).isTrue();
    }
    assertThat(ways.cuts()).isFalse();
    SendWays device = new SendWays(true, true);
    assertThat(device.cutRefused(Errno.EIO)).isTrue();
    assertThat(device.cuts()).isFalse();
    // Others say nothing of the way.
    assertThat(new SendWays(true, true).cutRefused(101)).isFalse();
    assertThat(device.manyRefused(Errno.ENOSYS)).isTrue();
    assertThat(device.many()).isFalse();
  }
}
