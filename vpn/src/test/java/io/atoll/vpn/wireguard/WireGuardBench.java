package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.Aead;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.Blake2s;
import io.atoll.vpn.wireguard.crypto.Memory;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.noise.Initiator;
import io.atoll.vpn.wireguard.noise.Responder;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import javax.crypto.KeyAgreement;

/// What a packet and a handshake cost a processor: nanoseconds of the thread's own time, and bytes
/// of garbage, median of so many rounds.
public final class WireGuardBench {
  private static final int PACKETS = 100_000;
  private static final int LENGTH = 1420;

  private WireGuardBench() {}

  @FunctionalInterface
  private interface Work {
    void run(int i) throws Exception;
  }

  /// @param arguments how many rounds, and a seed that is not used
  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    try (Arena arena = Arena.ofConfined()) {
      long buffer = arena.allocate(2048, 64).address();
      for (AeadSuite suite : AeadSuite.available()) {
        aead(suite, rounds, buffer);
      }
      session(rounds, buffer);
    }
    handshakes(rounds);
  }

  private static void aead(AeadSuite suite, int rounds, long buffer) throws Exception {
    Aead sealing = suite.key(new byte[32]);
    Aead opening = suite.key(new byte[32]);
    long[] counter = new long[2];
    measure(
        suite.name() + ", seal alone",
        rounds,
        PACKETS,
        _ -> sealing.seal(counter[0]++, buffer, LENGTH, buffer));
    measure(
        suite.name() + ", seal and open",
        rounds,
        PACKETS,
        _ -> {
          long number = counter[0]++;
          sealing.seal(number, buffer, LENGTH, buffer);
          if (!opening.open(number, buffer, LENGTH + Aead.TAG, buffer)) {
            throw new AssertionError("not opened");
          }
        });
  }

  /// With all that the engine does for a packet: route, key, counter, header, padding, timers on
  /// one side; index, window, inner source, timers on the other.
  private static void session(int rounds, long buffer) throws Exception {
    TwoNodes two = new TwoNodes(1);
    two.aSends(1);
    two.net.pass(Duration.ofSeconds(1));
    Outbound outbound = two.a.engine.outbound(two.ofA, LENGTH);
    byte[] packet = Packets.v4(TwoNodes.A4, TwoNodes.B4, LENGTH, 7);
    long at = buffer + Outbound.HEADROOM;
    long now = two.net.now();
    int datagram = LENGTH + 32;
    measure(
        "a session, out",
        rounds,
        PACKETS,
        _ -> {
          Memory.copy(packet, at, LENGTH);
          Peer peer = Objects.requireNonNull(outbound.route(at, LENGTH));
          outbound.seal(peer, at, LENGTH, now);
          outbound.sent(peer, 1, datagram, now);
        });
    measure(
        "a session, out and in",
        rounds,
        PACKETS,
        _ -> {
          Memory.copy(packet, at, LENGTH);
          Peer peer = Objects.requireNonNull(outbound.route(at, LENGTH));
          outbound.seal(peer, at, LENGTH, now);
          outbound.sent(peer, 1, datagram, now);
          Outcome outcome = two.b.inbound.open(buffer, datagram, two.a.address, now);
          two.b.inbound.settle(now);
          if (outcome != Outcome.DATA) {
            throw new AssertionError(outcome);
          }
        });
  }

  private static void handshakes(int rounds) throws Exception {
    AeadSuite suite = AeadSuite.choose();
    PrivateKey one = PrivateKey.random(new SecureRandom());
    PrivateKey other = PrivateKey.random(new SecureRandom());
    byte[] point = other.publicKey().bytes();
    measure("X25519 by Bouncy Castle", rounds, 2_000, _ -> one.agree(point));
    var generator = KeyPairGenerator.getInstance("X25519");
    var mine = generator.generateKeyPair();
    var theirs = generator.generateKeyPair();
    measure(
        "X25519 by the JDK, keys ready",
        rounds,
        2_000,
        _ -> {
          KeyAgreement agreement = KeyAgreement.getInstance("X25519");
          agreement.init(mine.getPrivate());
          agreement.doPhase(theirs.getPublic(), true);
          agreement.generateSecret();
        });
    byte[] message = new byte[148];
    byte[] key = new byte[32];
    measure("mac1 of an initiation", rounds, 20_000, _ -> Blake2s.mac(key, message, 116));
    byte[] shared = Objects.requireNonNull(one.agree(point));
    byte[] stamp = new byte[12];
    measure(
        "a whole handshake, both sides",
        rounds,
        500,
        _ -> {
          PrivateKey fresh = PrivateKey.random(new SecureRandom());
          Initiator initiator =
              Objects.requireNonNull(
                  Initiator.begin(suite, key, one, other.publicKey(), shared, fresh, stamp));
          Responder responder =
              Objects.requireNonNull(Responder.read(suite, key, other, initiator.message()));
          responder.payload(shared);
          PrivateKey again = PrivateKey.random(new SecureRandom());
          var answer =
              Objects.requireNonNull(responder.answer(again, PresharedKey.NONE, new byte[0]));
          Objects.requireNonNull(initiator.finish(answer.message(), PresharedKey.NONE));
        });
  }

  private static void measure(String what, int rounds, int times, Work work) throws Exception {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < times; i++) {
      work.run(i);
    }
    double[] nanos = new double[rounds];
    double[] bytes = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      long garbage = threads.getCurrentThreadAllocatedBytes();
      long cpu = threads.getCurrentThreadCpuTime();
      for (int i = 0; i < times; i++) {
        work.run(i);
      }
      nanos[round] = (double) (threads.getCurrentThreadCpuTime() - cpu) / times;
      bytes[round] = (double) (threads.getCurrentThreadAllocatedBytes() - garbage) / times;
    }
    Arrays.sort(nanos);
    Arrays.sort(bytes);
    System.out.printf(
        Locale.ROOT,
        "%-32s %10.0f ns %10.1f bytes of garbage%n",
        what,
        nanos[rounds / 2],
        bytes[rounds / 2]);
  }
}
