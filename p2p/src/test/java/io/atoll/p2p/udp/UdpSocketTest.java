package io.atoll.p2p.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class UdpSocketTest {
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @Test
  void oneSocketServesAllKinds() throws Exception {
    try (UdpSocket here = UdpSocket.bind(ANY);
        UdpSocket there = UdpSocket.bind(ANY)) {
      BlockingQueue<String> got = new LinkedBlockingQueue<>();
      for (PacketKind kind : new PacketKind[] {PacketKind.QUIC, PacketKind.STUN}) {
        there.handle(kind, (packet, from) -> got.add(kind + " " + packet.remaining() + " " + from));
      }
      byte[] stun = new byte[20];
      stun[4] = 0x21;
      stun[5] = 0x12;
      stun[6] = (byte) 0xa4;
      stun[7] = 0x42;
      byte[] wireGuard = new byte[148];
      wireGuard[0] = 1;
      here.send(ByteBuffer.wrap(new byte[] {0x40, 1, 2}), there.address());
      here.send(ByteBuffer.wrap(stun), there.address());
      // Nobody takes these two: one kind is not served, the other is none.
      here.send(ByteBuffer.wrap(wireGuard), there.address());
      here.send(ByteBuffer.wrap(new byte[10]), there.address());
      assertThat(got.poll(5, TimeUnit.SECONDS)).isEqualTo("QUIC 3 " + here.address());
      assertThat(got.poll(5, TimeUnit.SECONDS)).isEqualTo("STUN 20 " + here.address());
      await().until(() -> there.dropped() == 2);
    }
  }

  @Test
  void aReceiverThatFailsDoesNotEndTheSocket() throws Exception {
    try (UdpSocket here = UdpSocket.bind(ANY);
        UdpSocket there = UdpSocket.bind(ANY)) {
      BlockingQueue<Integer> got = new LinkedBlockingQueue<>();
      there.handle(
          PacketKind.QUIC,
          (packet, _) -> {
            if (packet.remaining() == 1) {
              throw new IllegalStateException("as the test wants it");
            }
            got.add(packet.remaining());
          });
      here.send(ByteBuffer.wrap(new byte[] {0x40}), there.address());
      here.send(ByteBuffer.wrap(new byte[] {0x40, 1}), there.address());
      assertThat(got.poll(5, TimeUnit.SECONDS)).isEqualTo(2);
    }
  }

  @Test
  void aPortInUseIsRefusedAndAClosedOneIsFree() throws Exception {
    UdpSocket first = UdpSocket.bind(ANY);
    InetSocketAddress taken = first.address();
    assertThatThrownBy(() -> UdpSocket.bind(taken)).isInstanceOf(IOException.class);
    first.close();
    await()
        .ignoreExceptions()
        .until(
            () -> {
              UdpSocket.bind(taken).close();
              return true;
            });
  }
}
