package io.atoll.vpn.gateway;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/// Two stacks that face each other in memory.
final class TwoStacks implements AutoCloseable {
  static final Duration SECONDS = Duration.ofSeconds(10);
  static final Inet4Address A4 = v4("10.7.0.1");
  static final Inet4Address B4 = v4("10.7.0.2");
  static final Inet6Address A6 = v6("fd07::1");
  static final Inet6Address B6 = v6("fd07::2");

  final Stack a;
  final Stack b;

  private TwoStacks(Stack a, Stack b) {
    this.a = a;
    this.b = b;
  }

  private static Inet4Address v4(String text) {
    return (Inet4Address) InetAddress.ofLiteral(text);
  }

  private static Inet6Address v6(String text) {
    return (Inet6Address) InetAddress.ofLiteral(text);
  }

  static TwoStacks clean() {
    return with(0, 0, settings -> settings);
  }

  static TwoStacks with(int lost, int late, UnaryOperator<StackSettings> change) {
    AtomicReference<Stack> a = new AtomicReference<>();
    AtomicReference<Stack> b = new AtomicReference<>();
    StackSettings ofA = change.apply(StackSettings.usual(A4, A6, 1420));
    StackSettings ofB = change.apply(StackSettings.usual(B4, B6, 1420));
    a.set(Stack.start(ofA, lost + late == 0 ? new Whole(b) : faulty(lost, late, b)));
    b.set(Stack.start(ofB, lost + late == 0 ? new Whole(a) : faulty(lost, late, a)));
    return new TwoStacks(a.get(), b.get());
  }

  private static PacketOut faulty(int lost, int late, AtomicReference<Stack> to) {
    Faults faults =
        new Faults(
            new Random(lost + late), lost, late, (m, o, n) -> to.get().received(m, o, n, false));
    return faults::send;
  }

  /// Packets are not cut, and what has not a full sum needs none.
  private record Whole(AtomicReference<Stack> to) implements PacketOut.Cutting {
    @Override
    public void send(MemorySegment memory, long offset, int length) {
      to.get().received(memory, offset, length, false);
    }

    @Override
    public void sendToCut(MemorySegment memory, long offset, int length, int each) {
      to.get().received(memory, offset, length, true);
    }
  }

  /// Writes so many bytes, made by their place.
  static void write(OutputStream out, long bytes) throws Exception {
    byte[] block = new byte[1 << 16];
    for (long done = 0; done < bytes; done += block.length) {
      int length = (int) Math.min(block.length, bytes - done);
      for (int i = 0; i < length; i++) {
        block[i] = octet(done + i);
      }
      out.write(block, 0, length);
    }
  }

  /// Reads to the end, and checks every byte.
  ///
  /// @return how many there were
  static long read(InputStream in) throws Exception {
    byte[] block = new byte[1 << 16];
    long done = 0;
    for (int length = in.read(block); length >= 0; length = in.read(block)) {
      for (int i = 0; i < length; i++) {
        if (block[i] != octet(done + i)) {
          throw new AssertionError("byte " + (done + i) + " is another than was sent");
        }
      }
      done += length;
    }
    return done;
  }

  static byte octet(long place) {
    return (byte) (place * 0x9e3779b1L >>> 9);
  }

  @Override
  public void close() {
    a.close();
    b.close();
  }
}
