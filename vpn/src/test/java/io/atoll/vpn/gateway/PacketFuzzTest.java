package io.atoll.vpn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.IpAddress;
import io.atoll.core.testing.Fuzz;
import io.atoll.vpn.gateway.tcp.TcpOptions;
import io.atoll.vpn.gateway.tcp.TcpSegment;
import io.atoll.vpn.port.Checksum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Packets as a member of the network may send them to do harm.
class PacketFuzzTest {
  private static final IpAddress HERE4 = IpAddress.of(TwoStacks.B4);
  private static final IpAddress HERE6 = IpAddress.of(TwoStacks.B6);
  private static final IpAddress THERE4 = IpAddress.of(TwoStacks.A4);
  private static final IpAddress THERE6 = IpAddress.of(TwoStacks.A6);

  /// One packet of each kind that is known, as the other side makes them.
  private static List<byte[]> samples() {
    List<byte[]> samples = new ArrayList<>();
    PacketWriter writer =
        new PacketWriter(
            (memory, offset, length) ->
                samples.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE)),
            THERE4,
            THERE6);
    for (IpAddress to : new IpAddress[] {HERE4, HERE6}) {
      Flow flow = new Flow(to, 7, 40_000);
      TcpOptions all = new TcpOptions(1400, 7, true, true, 1, 0, new int[0]);
      writer.tcp(flow, new TcpSegment(TcpSegment.SYN, 1, 0, 9, 0, all), null, 0, 1);
      ByteRing ring = new ByteRing(256);
      ring.put(0, new byte[200], 0, 200);
      TcpSegment bytes = new TcpSegment(TcpSegment.ACK, 2, 3, 9, 200, TcpOptions.NONE);
      writer.tcp(flow, bytes, ring, 0, 1400);
      writer.udp(flow, new byte[50]);
      boolean four = to.isV4();
      MemorySegment body = MemorySegment.ofArray(samples.getLast());
      int length = (int) body.byteSize();
      writer.icmp(to, four ? 8 : 128, 0, 77, body, 0, 32);
      // Messages about packets that the target has sent.
      List<byte[]> back = new ArrayList<>();
      PacketWriter theirs =
          new PacketWriter(
              (memory, offset, size) ->
                  back.add(memory.asSlice(offset, size).toArray(ValueLayout.JAVA_BYTE)),
              HERE4,
              HERE6);
      Flow reverse = new Flow(four ? THERE4 : THERE6, 40_000, 7);
      theirs.tcp(reverse, bytes.refusal(), null, 0, 1);
      theirs.udp(reverse, new byte[9]);
      for (byte[] packet : back) {
        MemorySegment quoted = MemorySegment.ofArray(packet);
        writer.icmp(to, four ? 3 : 2, four ? 4 : 0, 1300, quoted, 0, packet.length);
        writer.icmp(to, four ? 3 : 1, four ? 3 : 4, 0, quoted, 0, packet.length);
      }
      assertThat(length).isPositive();
    }
    return samples;
  }

  /// Takes nothing, and says whether packets to any address are its own.
  private static final class Nobody implements Dispatch.Keeper {
    private final boolean everywhere;
    private int asked;

    Nobody(boolean everywhere) {
      this.everywhere = everywhere;
    }

    @Override
    public Beginning begins(Flow flow, TcpSegment segment) {
      return new Beginning.Refused();
    }

    @Override
    public boolean everywhere() {
      return everywhere;
    }

    @Override
    public boolean asks(Flow flow, TcpSegment segment, byte[] head) {
      assertThat(everywhere).isTrue();
      asked++;
      return head.length % 2 == 0;
    }

    @Override
    public @Nullable UdpFlow opens(Flow flow) {
      assertThat(everywhere).isTrue();
      asked++;
      return null;
    }

    @Override
    public void echo(IpAddress from, IpAddress of, int rest, byte[] body) {
      assertThat(everywhere).isTrue();
      asked++;
    }

    @Override
    public void touch(Held held) {}
  }

  /// The way out of a network takes packets to any address.
  @Test
  void damagedPacketsToAnywhere() {
    List<byte[]> samples = samples();
    int[] answers = new int[1];
    PacketWriter writer = new PacketWriter((_, _, _) -> answers[0]++, THERE4, THERE6);
    Nobody nobody = new Nobody(true);
    Dispatch dispatch = new Dispatch(nobody, writer, new Pings(), THERE4, THERE6);
    long[] now = {0};
    Fuzz.rounds(
        "packets to a way out",
        50_000,
        random -> {
          int before = answers[0];
          put(dispatch, Fuzz.bytes(random, samples), now[0] += 1_000_000, random.nextBoolean());
          assertThat(answers[0] - before).isLessThanOrEqualTo(1);
        });
    assertThat(nobody.asked).isPositive();
  }

  @Test
  void damagedPackets() {
    List<byte[]> samples = samples();
    int[] answers = new int[1];
    PacketWriter writer = new PacketWriter((_, _, _) -> answers[0]++, HERE4, HERE6);
    Dispatch dispatch = new Dispatch(new Nobody(false), writer, new Pings(), HERE4, HERE6);
    long[] now = {0};
    for (byte[] sample : samples) {
      put(dispatch, sample, now[0], false);
    }
    assertThat(dispatch.counters(0, 0, 0, 0, 0).malformed()).isZero();
    assertThat(dispatch.counters(0, 0, 0, 0, 0).foreign()).isZero();
    assertThat(answers[0]).isEqualTo(8);
    Fuzz.rounds(
        "packets to a stack",
        50_000,
        random -> {
          int before = answers[0];
          put(dispatch, Fuzz.bytes(random, samples), now[0] += 1_000_000, random.nextBoolean());
          assertThat(answers[0] - before).isLessThanOrEqualTo(1);
        });
  }

  /// The memory ends with the packet.
  private static void put(Dispatch dispatch, byte[] packet, long now, boolean verified) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(Math.max(1, packet.length));
      MemorySegment.copy(packet, 0, memory, ValueLayout.JAVA_BYTE, 0, packet.length);
      dispatch.received(now, memory, 0, packet.length, verified);
    }
  }

  @Test
  void sumsAreThoseOfTheBook() {
    Fuzz.rounds(
        "sums",
        2000,
        (Random random) -> {
          byte[] bytes = new byte[random.nextInt(100)];
          random.nextBytes(bytes);
          long sum = 0;
          for (int i = 0; i < bytes.length; i++) {
            sum += (bytes[i] & 0xffL) << (i % 2 == 0 ? 8 : 0);
          }
          while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
          }
          int folded =
              Checksum.fold(Checksum.add(MemorySegment.ofArray(bytes), 0, bytes.length, 0));
          assertThat(Short.toUnsignedInt(Short.reverseBytes((short) folded))).isEqualTo((int) sum);
        });
  }
}
