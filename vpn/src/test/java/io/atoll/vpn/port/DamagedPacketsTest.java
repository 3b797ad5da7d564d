package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Packets as a guest, a kernel or a member of the network may send them to do harm: whatever they
/// claim, nothing is read or written that is not theirs.
class DamagedPacketsTest {
  private static final byte[] MARK = {0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a};

  private final PacketBatch batch = new PacketBatch(2, 16);
  private final PacketBatch joined = new PacketBatch(2, 64);
  private final Splitter splitter = new Splitter(Link.IP);
  private final Splitter frames = new Splitter(Link.ETHERNET);
  private final Coalescer coalescer = new Coalescer(joined);
  private final IpHeader header = new IpHeader();

  private static List<byte[]> samples() {
    List<byte[]> samples = new ArrayList<>();
    for (boolean tcp : new boolean[] {true, false}) {
      for (String[] ends : new String[][] {{"10.9.1.2", "10.9.2.2"}, {"fd09:1::2", "fd09:2::2"}}) {
        Packets.Flow flow = Packets.flow(ends[0], ends[1], 80, tcp);
        samples.add(Packets.make(flow, 7, 99, Packets.ACK, new byte[300]));
        samples.add(Packets.unsummed(Packets.make(flow, 7, 99, Packets.ACK, new byte[300])));
      }
    }
    // Extensions: hop by hop, routing, fragment, authentication, destination, and UDP at last.
    byte[] chain = new byte[40 + 8 + 8 + 8 + 12 + 8 + 8];
    chain[0] = 0x60;
    chain[5] = (byte) (chain.length - 40);
    chain[40] = 43;
    chain[48] = 44;
    chain[56] = 51;
    chain[64] = 60;
    chain[65] = 1;
    chain[76] = 17;
    ByteBuffer.wrap(chain).putShort(chain.length - 4, (short) 8);
    samples.add(chain);
    return samples;
  }

  @Test
  void damagedPackets() {
    List<byte[]> samples = samples();
    coalescer.join(EnumSet.allOf(Offload.class));
    int[] cut = new int[2];
    Fuzz.rounds(
        "packets",
        20_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, samples);
          if (random.nextBoolean()) {
            fit(bytes);
          }
          parse(bytes);
          split(random, bytes, cut);
          virtio(random, bytes);
          join(random, samples);
        });
    assertThat(cut[0]).isPositive();
    assertThat(cut[1]).isPositive();
  }

  /// A length that holds, so that what is behind it is looked at.
  private static void fit(byte[] bytes) {
    if (bytes.length >= 40 && bytes[0] >> 4 == 6) {
      ByteBuffer.wrap(bytes).putShort(4, (short) (bytes.length - 40));
    } else if (bytes.length >= 20) {
      ByteBuffer.wrap(bytes).putShort(2, (short) bytes.length);
    }
  }

  /// In memory that ends where the packet ends: to read beyond is an error.
  private void parse(byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment exact = arena.allocate(Math.max(1, bytes.length));
      MemorySegment.copy(bytes, 0, exact, JAVA_BYTE, 0, bytes.length);
      if (header.read(exact, 0, bytes.length)) {
        assertThat(header.totalBytes()).isLessThanOrEqualTo(bytes.length);
        assertThat(header.headerBytes()).isBetween(20, header.totalBytes());
        int all = header.withTransport(exact, 0);
        assertThat(all).isLessThanOrEqualTo(header.totalBytes());
      }
    }
  }

  private void split(Random random, byte[] bytes, int[] cut) {
    if (bytes.length == 0) {
      return;
    }
    batch.clear();
    int at = Packets.put(batch, bytes);
    Segmentation what = Segmentation.values()[random.nextInt(Segmentation.values().length)];
    int gso = random.nextInt(4) == 0 ? random.nextInt(65_536) : random.nextInt(200);
    int start = random.nextInt(4) == 0 ? random.nextInt(65_536) : random.nextInt(60);
    int sumAt = random.nextInt(4) == 0 ? random.nextInt(65_536) : random.nextInt(20);
    batch.add(at, bytes.length, what, gso, start, sumAt);
    MemorySegment memory = batch.memory();
    MemorySegment.copy(MARK, 0, memory, JAVA_BYTE, at - MARK.length, MARK.length);
    MemorySegment.copy(MARK, 0, memory, JAVA_BYTE, (long) at + bytes.length, MARK.length);
    Splitter one = random.nextInt(4) == 0 ? frames : splitter;
    if (one.begin(batch, 0)) {
      cut[0]++;
      while (one.next()) {
        assertThat(one.offset()).isGreaterThanOrEqualTo(at);
        assertThat(one.offset() + one.length()).isLessThanOrEqualTo(at + bytes.length);
      }
    } else {
      cut[1]++;
    }
    assertThat(memory.asSlice(at - MARK.length, MARK.length).toArray(JAVA_BYTE)).isEqualTo(MARK);
    assertThat(memory.asSlice((long) at + bytes.length, MARK.length).toArray(JAVA_BYTE))
        .isEqualTo(MARK);
  }

  /// What a kernel, or who stands for one, says before a packet.
  private void virtio(Random random, byte[] bytes) {
    batch.clear();
    int at = batch.place(Math.max(1, bytes.length));
    MemorySegment.copy(bytes, 0, batch.memory(), JAVA_BYTE, at, bytes.length);
    byte[] says = new byte[VirtioHeader.BYTES];
    random.nextBytes(says);
    if (random.nextBoolean()) {
      says = new byte[] {1, (byte) random.nextInt(6), 40, 0, 100, 0, 20, 0, 16, 0};
    }
    MemorySegment.copy(says, 0, batch.memory(), JAVA_BYTE, at - says.length, says.length);
    if (VirtioHeader.read(batch, at, bytes.length)) {
      assertThat(batch.checksumAt(0) + (batch.checksumStart(0) == 0 ? 0 : 2))
          .isLessThanOrEqualTo(bytes.length);
      if (splitter.begin(batch, 0)) {
        while (splitter.next()) {
          assertThat(splitter.length()).isPositive();
        }
      }
    }
  }

  /// Whatever comes is an entry, or a part of one: nothing is lost, and nothing spoils another.
  private void join(Random random, List<byte[]> samples) {
    joined.clear();
    int count = 0;
    for (int i = 0; i < 4; i++) {
      byte[] packet = Fuzz.bytes(random, samples);
      if (packet.length == 0) {
        continue;
      }
      int at = coalescer.place(packet.length);
      MemorySegment.copy(packet, 0, joined.memory(), JAVA_BYTE, at, packet.length);
      coalescer.placed(packet.length);
      count++;
    }
    coalescer.finish();
    assertThat(joined.count()).isBetween(count == 0 ? 0 : 1, count);
    int end = 0;
    for (int i = 0; i < joined.count(); i++) {
      assertThat(joined.offset(i)).isGreaterThanOrEqualTo(end + PacketBatch.HEADROOM);
      end = joined.offset(i) + joined.length(i);
    }
  }
}
