package io.atoll.p2p.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.OwnNetwork;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A kernel that refuses, while it is used, to cut what it has agreed to cut: where the path takes
/// less than a segment. The packets arrive all the same.
@Tag("real")
class NarrowPathTest {
  @TempDir private Path folder;

  @Test
  void whatTheKernelDoesNotCutIsSentAsMany() throws Exception {
    OwnNetwork.require(
        "ip link set lo mtu 1000 up", "a narrow path needs unshare and ip (apt: iproute2)");
    String said =
        OwnNetwork.run(
            folder.resolve("said"),
            Duration.ofSeconds(60),
            "narrow.sh",
            OwnNetwork.java(NarrowPathTest.class));
    assertThat(said).contains("arrived 320 of 320").contains("cuts afterwards: false");
  }

  public static void main(String[] words) throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
    try (UdpSocket here = UdpSocket.bind(any);
        UdpSocket there = UdpSocket.bind(any)) {
      BlockingQueue<Integer> got = new LinkedBlockingQueue<>();
      there.handle(PacketKind.QUIC, (packet, _) -> got.add(packet.remaining()));
      MemorySegment memory = Arena.ofAuto().allocate(1400 * 32);
      memory.fill((byte) 0x40);
      int arrived = 0;
      for (int i = 0; i < 10; i++) {
        here.send(memory, 0, memory.byteSize(), 1400, there.address());
        for (int k = 0; k < 32; k++) {
          Integer length = got.poll(5, TimeUnit.SECONDS);
          arrived += length != null && length == 1400 ? 1 : 0;
        }
      }
      System.out.println("arrived " + arrived + " of 320");
      System.out.println("cuts afterwards: " + here.abilities().cuts());
    }
  }
}
