package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Fuzz;
import io.atoll.vpn.port.Packets.Flow;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SplitAndCoalesceTest {
  private static final Set<Offload> ALL = EnumSet.allOf(Offload.class);

  private final PacketBatch batch = PacketBatch.usual();
  private final PacketBatch joined = new PacketBatch(6, 256);
  private final Splitter splitter = new Splitter(Link.IP);
  private final Coalescer coalescer = new Coalescer(joined);

  private static Flow flow(Random random, int port) throws Exception {
    boolean four = random.nextBoolean();
    boolean tcp = random.nextBoolean();
    byte[] options = new byte[4 * random.nextInt(4)];
    random.nextBytes(options);
    return new Flow(
        InetAddress.getByName(four ? "10.9.1." + random.nextInt(250) : "fd09:1::7"),
        InetAddress.getByName(four ? "10.9.2.3" : "fd09:2::" + random.nextInt(9)),
        1000,
        port,
        tcp,
        options);
  }

  private static byte[] payload(Random random, int length) {
    byte[] payload = new byte[length];
    random.nextBytes(payload);
    return payload;
  }

  @Test
  void splitsAsATextbookDoes() {
    Fuzz.rounds(
        "splitting",
        400,
        random -> {
          Flow flow = flow(random, 5);
          int gso = 1 + random.nextInt(random.nextBoolean() ? 100 : 1400);
          int most = Math.min(60_000, gso * (flow.tcp() ? 500 : 64));
          byte[] whole =
              Packets.make(
                  flow,
                  random.nextInt(65_536),
                  random.nextInt(),
                  random.nextInt(256),
                  payload(random, random.nextInt(most)));
          batch.clear();
          Packets.addUnsummed(batch, whole, gso, new byte[0]);
          List<byte[]> packets = Packets.all(batch, splitter);
          same(packets, Packets.cut(whole, gso));
          for (byte[] packet : packets) {
            if (!Packets.fault(packet).isEmpty()) {
              throw new AssertionError(Packets.fault(packet));
            }
          }
        });
  }

  /// Many rounds compare a lot: only where it fails does it take the time to say how.
  private static void same(List<byte[]> got, List<byte[]> expected) {
    boolean same = got.size() == expected.size();
    for (int i = 0; same && i < got.size(); i++) {
      same = Arrays.equals(got.get(i), expected.get(i));
    }
    if (!same) {
      assertThat(got).containsExactly(expected.toArray(byte[][]::new));
    }
  }

  /// Places packets as an engine does that opens them.
  private void coalesce(List<byte[]> packets) {
    joined.clear();
    for (byte[] packet : packets) {
      int at = coalescer.place(packet.length + 16);
      if (at <= 0) {
        throw new AssertionError("no room for " + packet.length + " bytes");
      }
      // What did not open is placed never, and has spoiled what lay there.
      joined.memory().asSlice(at, packet.length).fill((byte) 0xee);
      coalescer.abandoned();
      at = coalescer.place(packet.length + 16);
      MemorySegment.copy(packet, 0, joined.memory(), JAVA_BYTE, at, packet.length);
      // Padding, and a tag.
      joined.memory().asSlice(at + packet.length, 16).fill((byte) 0xdd);
      coalescer.placed(packet.length);
    }
    coalescer.finish();
  }

  /// A packet whose id means nothing is as good with any other.
  private static List<byte[]> withoutIds(List<byte[]> packets) {
    List<byte[]> all = new ArrayList<>();
    for (byte[] packet : packets) {
      byte[] copy = packet.clone();
      if (copy[0] >> 4 == 4 && (copy[6] & 0x40) != 0) {
        Arrays.fill(copy, 4, 6, (byte) 0);
        Arrays.fill(copy, 10, 12, (byte) 0);
      }
      all.add(copy);
    }
    return all;
  }

  @Test
  void whatIsJoinedAndSplitIsWhatItWas() {
    int[] entries = new int[1];
    int[] all = new int[1];
    coalescer.join(ALL);
    Fuzz.rounds(
        "joining",
        300,
        random -> {
          List<byte[]> packets = new ArrayList<>();
          while (packets.size() < 60) {
            addRun(random, packets);
          }
          coalesce(packets);
          entries[0] += joined.count();
          all[0] += packets.size();
          List<byte[]> again = Packets.all(joined, splitter);
          same(withoutIds(again), withoutIds(packets));
        });
    assertThat(entries[0]).isLessThan(all[0] * 3 / 4);
  }

  /// Some packets of one flow, of which one may differ in what must not be joined.
  private static void addRun(Random random, List<byte[]> packets) throws Exception {
    Flow flow = flow(random, random.nextInt(3));
    boolean fixed = random.nextBoolean();
    int id = random.nextInt(65_536);
    int sequence = random.nextInt();
    int size = 1 + random.nextInt(1400);
    int count = 1 + random.nextInt(25);
    for (int i = 0; i < count; i++) {
      int length = random.nextInt(10) == 0 ? random.nextInt(1500) : size;
      int flags = Packets.ACK | (random.nextInt(12) == 0 ? Packets.PSH : 0);
      if (random.nextInt(30) == 0) {
        flags = random.nextInt(256);
      }
      byte[] packet =
          Packets.make(
              flow, fixed ? -1 : id + i & 0xffff, sequence, flags, payload(random, length));
      sequence += length;
      if (random.nextInt(12) == 0) {
        damage(random, packet);
      }
      packets.add(packet);
    }
  }

  /// One thing is different: sums are right afterwards, or are not.
  private static void damage(Random random, byte[] packet) {
    int at = random.nextInt(Packets.header(packet));
    int ip = Packets.ip(packet);
    boolean length = at < 6 && at != 1 || at == 9 || at == ip + 12;
    boolean udpLength = Packets.protocol(packet) == Packets.UDP && at >= ip + 4 && at < ip + 6;
    if (length || udpLength || (ip == 40 && at < 8)) {
      return;
    }
    if (ip == 20 && (at == 6 || at == 7)) {
      packet[6] ^= 0x40;
    } else {
      packet[at] ^= (byte) (1 << random.nextInt(8));
    }
    if (random.nextBoolean()) {
      Packets.sum(packet);
    }
  }

  @Test
  void aStreamBecomesOneSuperPacket() throws Exception {
    coalescer.join(ALL);
    for (boolean tcp : new boolean[] {true, false}) {
      for (String[] ends : new String[][] {{"10.9.1.2", "10.9.2.2"}, {"fd09:1::2", "fd09:2::2"}}) {
        Flow flow = Packets.flow(ends[0], ends[1], 80, tcp);
        byte[] whole =
            Packets.make(flow, 7, 99, Packets.ACK | Packets.PSH, payload(new Random(1), 40_000));
        coalesce(Packets.cut(whole, 1380));
        assertThat(joined.count()).isEqualTo(1);
        assertThat(joined.gsoSize(0)).isEqualTo(1380);
        byte[] got = joined.memory().asSlice(joined.offset(0), joined.length(0)).toArray(JAVA_BYTE);
        assertThat(got).isEqualTo(Packets.unsummed(whole));
      }
    }
  }

  @Test
  void nothingIsJoinedThatTheOtherSideDoesNotTake() throws Exception {
    coalescer.join(EnumSet.of(Offload.CHECKSUM, Offload.TSO4));
    Flow tcp = Packets.flow("10.9.1.2", "10.9.2.2", 80, true);
    Flow udp = Packets.flow("10.9.1.2", "10.9.2.2", 80, false);
    coalesce(Packets.cut(Packets.make(tcp, 7, 99, Packets.ACK, new byte[3000]), 1000));
    assertThat(joined.count()).isEqualTo(1);
    coalesce(Packets.cut(Packets.make(udp, 7, 99, 0, new byte[3000]), 1000));
    assertThat(joined.count()).isEqualTo(3);
    assertThat(joined.verified(0)).isFalse();
  }

  @Test
  void aFullBatchSaysSoAndTakesWhatBelongsToItsLast() {
    PacketBatch small = new PacketBatch(1, 2);
    Coalescer into = new Coalescer(small);
    into.join(ALL);
    Flow one = Packets.flow("10.9.1.2", "10.9.2.2", 80, true);
    int placed = 0;
    for (int i = 0; i < 3; i++) {
      byte[] packet = Packets.make(one, 1, 50_000 * i, Packets.ACK, new byte[100]);
      int at = into.place(packet.length);
      if (at < 0) {
        break;
      }
      MemorySegment.copy(packet, 0, small.memory(), JAVA_BYTE, at, packet.length);
      into.placed(packet.length);
      placed++;
    }
    into.finish();
    assertThat(placed).isEqualTo(2);
    assertThat(small.count()).isEqualTo(2);
  }

  @Test
  void framesAreSplitBehindTheirHeader() {
    Splitter frames = new Splitter(Link.ETHERNET);
    byte[] link = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    Flow flow = Packets.flow("10.9.1.2", "10.9.2.2", 80, true);
    byte[] whole = Packets.make(flow, 7, 99, Packets.ACK, payload(new Random(2), 2500));
    batch.clear();
    Packets.addUnsummed(batch, whole, 1000, link);
    List<byte[]> got = Packets.all(batch, frames);
    List<byte[]> expected = Packets.cut(whole, 1000);
    assertThat(got).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(Arrays.copyOf(got.get(i), 14)).isEqualTo(link);
      assertThat(Arrays.copyOfRange(got.get(i), 14, got.get(i).length)).isEqualTo(expected.get(i));
    }
  }

  /// A hop-by-hop header stands between IP and UDP: each packet has it.
  @Test
  void extensionsAreKept() {
    Flow flow = Packets.flow("fd09:1::2", "fd09:2::2", 80, false);
    byte[] plain = Packets.unsummed(Packets.make(flow, 0, 0, 0, payload(new Random(3), 2500)));
    byte[] whole = new byte[plain.length + 8];
    System.arraycopy(plain, 0, whole, 0, 40);
    System.arraycopy(plain, 40, whole, 48, plain.length - 40);
    whole[6] = 0;
    whole[40] = 17;
    whole[42] = 1;
    whole[43] = 4;
    ByteBuffer.wrap(whole).putShort(4, (short) (whole.length - 40));
    batch.clear();
    batch.add(Packets.put(batch, whole), whole.length, Segmentation.UDP6, 1000, 48, 6);
    List<byte[]> got = Packets.all(batch, splitter);
    assertThat(got).hasSize(3);
    int at = 0;
    for (byte[] packet : got) {
      assertThat(Arrays.copyOfRange(packet, 40, 48)).isEqualTo(Arrays.copyOfRange(whole, 40, 48));
      byte[] without = new byte[packet.length - 8];
      System.arraycopy(packet, 0, without, 0, 40);
      System.arraycopy(packet, 48, without, 40, packet.length - 48);
      without[6] = 17;
      ByteBuffer.wrap(without).putShort(4, (short) (without.length - 40));
      assertThat(Packets.fault(without)).isEmpty();
      byte[] part = Packets.payload(without);
      assertThat(part).isEqualTo(Arrays.copyOfRange(whole, 56 + at, 56 + at + part.length));
      at += part.length;
    }
    assertThat(at).isEqualTo(2500);
  }
}
