package io.atoll.p2p.udp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Packets a second over loopback, one per call against many, alternated: `./dev bench udp`.
public final class UdpBench {
  private static final int SIZE = 1452;
  private static final int TOGETHER = 44;
  private static final long MILLIS = 700;

  private UdpBench() {}

  public static void main(String[] words) throws Exception {
    int rounds = words.length > 0 ? Integer.parseInt(words[0]) : 5;
    List<UdpAbilities> ways =
        List.of(
            UdpAbilities.CHANNEL,
            new UdpAbilities(true, false, false, false),
            new UdpAbilities(true, true, false, false),
            UdpAbilities.ALL);
    List<List<Double>> rates = new ArrayList<>();
    ways.forEach(_ -> rates.add(new ArrayList<>()));
    for (int round = -1; round < rounds; round++) {
      for (int i = 0; i < ways.size(); i++) {
        double rate = rate(ways.get(i));
        if (round >= 0) {
          rates.get(i).add(rate);
        }
      }
    }
    double base = median(rates.getFirst());
    for (int i = 0; i < ways.size(); i++) {
      double rate = median(rates.get(i));
      System.out.printf(
          "%-70s %9.0f packets/s received (median of %d), %.2f times%n",
          ways.get(i), rate, rounds, rate / base);
    }
  }

  private static double median(List<Double> all) {
    List<Double> sorted = all.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static double rate(UdpAbilities way) throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    AtomicLong got = new AtomicLong();
    try (UdpSocket here = UdpSocket.bind(any, way);
        UdpSocket there = UdpSocket.bind(any, way)) {
      there.handle(PacketKind.QUIC, (_, _) -> got.incrementAndGet());
      MemorySegment memory = Arena.ofAuto().allocate((long) SIZE * TOGETHER);
      memory.fill((byte) 0x40);
      long began = System.nanoTime();
      long end = began + TimeUnit.MILLISECONDS.toNanos(MILLIS);
      while (System.nanoTime() < end) {
        here.send(memory, 0, memory.byteSize(), SIZE, there.address());
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      return got.get() / seconds;
    }
  }
}
