package io.atoll.vpn.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.Memory;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.lang.foreign.Arena;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two engines with threads of their own: two threads send on each side and one receives, while
/// keys are made anew and peers come and go under them. Keys are memory of a library: one that is
/// used when it is gone would end the process.
@Timeout(60)
class EngineThreadTest {
  private volatile boolean over;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();

  private record Here(int number) implements Path {
    @Override
    public byte[] source() {
      return new byte[] {127, 0, 0, (byte) number, 0, 0};
    }
  }

  private final class End implements Paths {
    final int number;
    final BlockingQueue<byte[]> in = new ArrayBlockingQueue<>(1000);
    final AtomicLong arrived = new AtomicLong();
    final Engine engine =
        new Engine(EngineClock.SYSTEM, new SecureRandom(), AeadSuite.choose(), this);
    final LocalIdentity identity = engine.add(PrivateKey.random(new SecureRandom()));
    final EngineThread thread = EngineThread.start(engine, EngineClock.SYSTEM);
    volatile End other;

    End(int number) {
      this.number = number;
    }

    @Override
    public void send(Peer peer, long address, int length, int segment) {
      byte[] datagram = new byte[length];
      Memory.copy(address, datagram, length);
      boolean _ = other.in.offer(datagram);
    }

    @Override
    public void reply(Path to, byte[] datagram) {
      boolean _ = other.in.offer(datagram);
    }

    @Override
    public void heard(Peer peer, Path from) {}

    PeerSettings asPeer() {
      return TwoNodes.peer(identity.publicKey(), PresharedKey.NONE, number, Duration.ofSeconds(1));
    }

    void sendAll() throws InterruptedException {
      Outbound outbound = engine.outbound(identity, 1420);
      int to = other.number;
      byte[] packet = Packets.v4(0x0a070000 | number, 0x0a070000 | to, 400, 1);
      try (Arena arena = Arena.ofConfined()) {
        long at = arena.allocate(1000, 16).address() + Outbound.HEADROOM;
        while (!over) {
          Memory.copy(packet, at, packet.length);
          outbound.send(at, packet.length, System.nanoTime());
          while (!over && other.in.remainingCapacity() < 500) {
            // Handshakes need room, too.
            Thread.sleep(1);
          }
        }
      }
    }

    void receiveAll() throws InterruptedException {
      Inbound inbound = engine.inbound();
      Path from = new Here(other.number);
      try (Arena arena = Arena.ofConfined()) {
        long at = arena.allocate(2000, 16).address();
        while (!over) {
          byte[] datagram = in.poll(10, TimeUnit.MILLISECONDS);
          if (datagram != null) {
            Memory.copy(datagram, at, datagram.length);
            long now = System.nanoTime();
            if (inbound.open(at, datagram.length, from, now) == Outcome.DATA) {
              arrived.incrementAndGet();
            }
            inbound.settle(now);
          }
        }
      }
    }
  }

  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }

  @Test
  void keysComeAndGoUnderThreadsThatUseThem() throws Exception {
    End a = new End(1);
    End b = new End(2);
    a.other = b;
    b.other = a;
    Peer ofA = a.engine.add(a.identity, b.asPeer());
    b.engine.add(b.identity, a.asPeer());
    for (End end : List.of(a, b)) {
      start(end::sendAll);
      start(end::sendAll);
      start(end::receiveAll);
    }
    long sessions = 0;
    for (int i = 0; i < 60; i++) {
      Thread.sleep(25);
      if (i % 10 == 9) {
        sessions += ofA.sessions();
        a.engine.remove(ofA);
        ofA = a.engine.add(a.identity, b.asPeer());
      } else {
        a.engine.rekey(ofA);
      }
    }
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failure.get()).isNull();
    assertThat(sessions).isGreaterThan(10);
    assertThat(a.arrived.get()).isGreaterThan(100);
    assertThat(b.arrived.get()).isGreaterThan(100);
    assertThat(a.engine.openIndices()).isLessThanOrEqualTo(4);
    for (End end : List.of(a, b)) {
      end.thread.close();
      end.engine.close();
      assertThat(end.engine.openIndices()).isZero();
      assertThat(end.engine.identities()).isEmpty();
    }
  }

  private void start(Work work) {
    threads.add(
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    work.run();
                  } catch (Throwable t) {
                    failure.compareAndSet(null, t);
                  }
                }));
  }
}
