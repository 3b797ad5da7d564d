package io.atoll.p2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.testing.Later;
import io.atoll.p2p.transport.MuxedStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What goes over the wire, frame by frame, and what a peer that breaks the rules gets.
@Timeout(30)
class YamuxProtocolTest {
  private static final int WINDOW = 256 << 10;
  private final List<RawPeer> peers = new ArrayList<>();

  private RawPeer peer(RawPeer peer) {
    peers.add(peer);
    return peer;
  }

  @AfterEach
  void hangUp() {
    peers.forEach(RawPeer::hangUp);
  }

  @Test
  void opensAcknowledgesWritesAndHalfCloses() throws Exception {
    RawPeer peer = peer(new RawPeer());
    MuxedStream stream = peer.session.open();
    peer.expect(Frame.WINDOW, Frame.SYN, 2, 0);
    stream.out().write(new byte[] {1, 2, 3});
    var data = peer.next();
    assertThat(data.type()).isEqualTo(Frame.DATA);
    assertThat(data.body()).containsExactly(1, 2, 3);
    peer.send(Frame.WINDOW, Frame.ACK, 2, 0);
    stream.out().close();
    peer.expect(Frame.WINDOW, Frame.FIN, 2, 0);
    assertThatThrownBy(() -> stream.out().write(1)).hasMessageContaining("closed for writing");
    peer.send(Frame.DATA, Frame.FIN, 2, 2, (byte) 8, (byte) 9);
    assertThat(stream.in().readAllBytes()).containsExactly(8, 9);
    await().until(() -> peer.session.streams() == 0);
  }

  @Test
  void takesDataWithTheSynAndBeforeTheAck() throws Exception {
    RawPeer peer = peer(new RawPeer());
    peer.send(Frame.DATA, Frame.SYN, 1, 2, (byte) 5, (byte) 6);
    MuxedStream stream = peer.session.accept();
    peer.expect(Frame.WINDOW, Frame.ACK, 1, 0);
    assertThat(stream.in().readNBytes(2)).containsExactly(5, 6);
    assertThat(peer.session.open()).isNotNull();
  }

  @Test
  void sendsNoMoreThanTheCredit() throws Exception {
    RawPeer peer = peer(new RawPeer());
    MuxedStream stream = peer.session.open();
    peer.expect(Frame.WINDOW, Frame.SYN, 2, 0);
    var written =
        Later.run(
            () -> {
              stream.out().write(new byte[WINDOW + 10]);
              return true;
            });
    int got = 0;
    while (got < WINDOW) {
      var frame = peer.next();
      assertThat(frame.length()).isLessThanOrEqualTo(64 << 10);
      got += frame.length();
    }
    assertThat(got).isEqualTo(WINDOW);
    assertThat(peer.quiet(100)).isTrue();
    peer.send(Frame.WINDOW, Frame.ACK, 2, 4);
    peer.expect(Frame.DATA, 0, 2, 4);
    assertThat(peer.quiet(50)).isTrue();
    assertThat(written).isNotDone();
    peer.send(Frame.WINDOW, 0, 2, 100);
    peer.expect(Frame.DATA, 0, 2, 6);
    assertThat(written.get(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void givesCreditBackOnlyForWhatWasRead() throws Exception {
    RawPeer peer = peer(new RawPeer());
    peer.send(Frame.WINDOW, Frame.SYN, 1, 0);
    MuxedStream stream = peer.session.accept();
    peer.expect(Frame.WINDOW, Frame.ACK, 1, 0);
    peer.send(Frame.DATA, 0, 1, WINDOW, new byte[WINDOW]);
    assertThat(peer.quiet(100)).as("nothing was read, no credit").isTrue();
    stream.in().readNBytes(WINDOW / 2 - 1);
    assertThat(peer.quiet(100)).as("less than half was read").isTrue();
    stream.in().readNBytes(1);
    peer.expect(Frame.WINDOW, 0, 1, WINDOW / 2);
  }

  @Test
  void moreThanTheCreditIsReset() throws Exception {
    RawPeer peer = peer(new RawPeer());
    peer.send(Frame.DATA, Frame.SYN, 1, WINDOW, new byte[WINDOW]);
    MuxedStream stream = peer.session.accept();
    peer.expect(Frame.WINDOW, Frame.ACK, 1, 0);
    peer.send(Frame.DATA, 0, 1, 1, (byte) 1);
    peer.expect(Frame.WINDOW, Frame.RST, 1, 0);
    assertThatThrownBy(() -> stream.in().read()).hasMessageContaining("reset");
    // The session goes on, and what still comes for the dead stream is dropped.
    peer.send(Frame.DATA, 0, 1, 3, new byte[3]);
    peer.send(Frame.WINDOW, Frame.RST, 1, 0);
    peer.send(Frame.PING, Frame.SYN, 0, 77);
    peer.expect(Frame.PING, Frame.ACK, 0, 77);
  }

  /// All credit is used, all of it is read, and so on: what is in hand in the end is the window,
  /// but
  /// for the less than half of it that was not given back yet.
  private static long creditInTheEnd(RawPeer peer, int rounds, int most, long restMillis)
      throws Exception {
    peer.send(Frame.WINDOW, Frame.SYN, 1, 0);
    MuxedStream stream = peer.session.accept();
    peer.expect(Frame.WINDOW, Frame.ACK, 1, 0);
    long credit = WINDOW;
    for (int round = 0; round < rounds; round++) {
      Thread.sleep(restMillis);
      int sent = (int) Math.min(credit, most);
      peer.send(Frame.DATA, 0, 1, sent, new byte[sent]);
      credit -= sent;
      stream.in().readNBytes(sent);
      for (var update = peer.poll(100); update != null; update = peer.poll(20)) {
        credit += update.length();
      }
    }
    return credit;
  }

  @Test
  void theWindowGrowsWhenItIsUsedUpWithinFourRoundTrips() throws Exception {
    RawPeer slow = peer(new RawPeer(YamuxConfig.defaults(), 1 << 20, true, 1000));
    await().until(() -> slow.session.roundTripNanos() > 0);
    assertThat(creditInTheEnd(slow, 10, 16 << 20, 0)).isBetween(8L << 20, 16L << 20);
    // Half a window in more than four round trips is no reason to grow.
    RawPeer fast = peer(new RawPeer(YamuxConfig.defaults(), 1 << 20, true, 0));
    await().until(() -> fast.session.roundTripNanos() > 0);
    long rest = 5 * fast.session.roundTripNanos() / 1_000_000 + 10;
    assertThat(creditInTheEnd(fast, 4, WINDOW / 2, rest)).isEqualTo(WINDOW);
    RawPeer unknown = peer(new RawPeer());
    assertThat(creditInTheEnd(unknown, 3, WINDOW, 0)).isBetween((long) WINDOW / 2, (long) WINDOW);
  }

  @Test
  void allWindowsTogetherGrowNoFurtherThanTheSessionAllows() throws Exception {
    var config =
        new YamuxConfig(
            Duration.ofSeconds(10), Duration.ofSeconds(20), 10, 10, 16 << 20, 1 << 20, 64 << 20);
    RawPeer slow = peer(new RawPeer(config, 1 << 20, true, 1000));
    await().until(() -> slow.session.roundTripNanos() > 0);
    // 256 KiB, 512 KiB, 1 MiB: the next doubling would be more than 1 MiB of growth.
    assertThat(creditInTheEnd(slow, 6, 16 << 20, 0)).isBetween(512L << 10, 1L << 20);
  }

  @Test
  void refusesMoreStreamsThanAllowed() throws Exception {
    RawPeer peer = peer(new RawPeer(YamuxConfig.defaults().withMaxInbound(2), 1 << 20, true));
    for (int id = 1; id <= 5; id += 2) {
      peer.send(Frame.WINDOW, Frame.SYN, id, 0);
    }
    peer.expect(Frame.WINDOW, Frame.ACK, 1, 0);
    peer.expect(Frame.WINDOW, Frame.ACK, 3, 0);
    peer.expect(Frame.WINDOW, Frame.RST, 5, 0);
    peer.send(Frame.WINDOW, Frame.RST, 1, 0);
    peer.send(Frame.WINDOW, Frame.SYN, 7, 0);
    peer.expect(Frame.WINDOW, Frame.ACK, 7, 0);
    assertThat(peer.session.streams()).isEqualTo(2);
  }

  @Test
  void tooMuchThatNobodyReadsIsReset() throws Exception {
    RawPeer peer = peer(new RawPeer(YamuxConfig.defaults().withMaxUnread(100_000), 1 << 20, true));
    peer.send(Frame.DATA, Frame.SYN, 1, 90_000, new byte[90_000]);
    peer.expect(Frame.WINDOW, Frame.ACK, 1, 0);
    peer.send(Frame.DATA, Frame.SYN, 3, 20_000, new byte[20_000]);
    peer.expect(Frame.WINDOW, Frame.ACK, 3, 0);
    peer.expect(Frame.WINDOW, Frame.RST, 3, 0);
    MuxedStream first = peer.session.accept();
    assertThat(first.in().readNBytes(90_000)).hasSize(90_000);
    peer.send(Frame.DATA, Frame.SYN, 5, 90_000, new byte[90_000]);
    peer.expect(Frame.WINDOW, Frame.ACK, 5, 0);
    assertThat(peer.quiet(50)).isTrue();
  }

  @Test
  void aThousandSingleBytesCountForWhatTheyCost() throws Exception {
    RawPeer peer = peer(new RawPeer(YamuxConfig.defaults().withMaxUnread(10_000), 1 << 20, true));
    peer.send(Frame.WINDOW, Frame.SYN, 1, 0);
    peer.expect(Frame.WINDOW, Frame.ACK, 1, 0);
    for (int i = 0; i < 1000; i++) {
      peer.send(Frame.DATA, 0, 1, 1, (byte) i);
    }
    peer.expect(Frame.WINDOW, Frame.RST, 1, 0);
  }

  @Test
  void breakersOfTheProtocolAreToldSoAndHungUpOn() throws Exception {
    List<byte[]> breaches =
        List.of(
            RawPeer.head(1, Frame.PING, Frame.SYN, 0, 0),
            RawPeer.head(0, 9, 0, 0, 0),
            RawPeer.head(0, Frame.DATA, Frame.SYN, 2, 0),
            RawPeer.head(0, Frame.DATA, 0, 0, 1),
            RawPeer.head(0, Frame.DATA, 0, 1, Integer.MAX_VALUE),
            RawPeer.head(0, Frame.DATA, 0, 1, -1));
    for (byte[] breach : breaches) {
      RawPeer peer = peer(new RawPeer());
      peer.sendRaw(breach);
      peer.expect(Frame.GO_AWAY, 0, 0, Frame.PROTOCOL_ERROR);
      peer.expectEnd();
      assertThat(peer.session.isOpen()).isFalse();
      assertThatThrownBy(peer.session::open).isInstanceOf(IOException.class);
      assertThatThrownBy(peer.session::accept).isInstanceOf(IOException.class);
    }
    RawPeer twice = peer(new RawPeer());
    twice.send(Frame.WINDOW, Frame.SYN, 1, 0);
    twice.expect(Frame.WINDOW, Frame.ACK, 1, 0);
    twice.send(Frame.WINDOW, Frame.SYN, 1, 0);
    twice.expect(Frame.GO_AWAY, 0, 0, Frame.PROTOCOL_ERROR);
  }

  @Test
  void whoAsksAndNeverTakesTheAnswersIsHungUpOn() throws Exception {
    RawPeer peer = peer(new RawPeer(YamuxConfig.defaults(), 4096, false));
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100_000; i++) {
                peer.send(Frame.PING, Frame.SYN, 0, i);
              }
            })
        .isInstanceOf(IOException.class);
    assertThat(peer.session.isOpen()).isFalse();
  }

  @Test
  void goAwayEndsNewStreamsOnly() throws Exception {
    RawPeer peer = peer(new RawPeer());
    MuxedStream stream = peer.session.open();
    peer.expect(Frame.WINDOW, Frame.SYN, 2, 0);
    peer.send(Frame.GO_AWAY, 0, 0, Frame.NORMAL);
    peer.send(Frame.DATA, Frame.ACK, 2, 1, (byte) 3);
    assertThat(stream.in().read()).isEqualTo(3);
    assertThatThrownBy(peer.session::open).hasMessageContaining("going away");
  }

  @Test
  void sendsWhatIsQueuedBeforeItGoes() throws Exception {
    RawPeer peer = peer(new RawPeer());
    MuxedStream stream = peer.session.open();
    peer.expect(Frame.WINDOW, Frame.SYN, 2, 0);
    stream.out().write(new byte[200_000]);
    stream.out().close();
    peer.session.close();
    int got = 0;
    RawPeer.Received frame = peer.next();
    boolean fin = false;
    boolean bye = false;
    while (frame.type() != -1) {
      got += frame.body().length;
      fin |= frame.flags() == Frame.FIN;
      bye |= frame.type() == Frame.GO_AWAY;
      frame = peer.next();
    }
    assertThat(got).isEqualTo(200_000);
    assertThat(fin && bye).isTrue();
  }

  @Test
  void onlySoManyStreamsWaitForAcknowledgement() throws Exception {
    RawPeer peer = peer(new RawPeer());
    for (int i = 0; i < 256; i++) {
      peer.session.open();
    }
    var next = Later.run(peer.session::open);
    Thread.sleep(100);
    assertThat(next).isNotDone();
    peer.send(Frame.WINDOW, Frame.ACK, 2, 0);
    assertThat(next.get(5, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void aSilentPeerIsLostAndOneThatSpeaksIsNot() throws Exception {
    var config =
        YamuxConfig.defaults().withKeepAlive(Duration.ofMillis(200), Duration.ofMillis(400));
    RawPeer silent = peer(new RawPeer(config, 1 << 20, true));
    RawPeer speaking = peer(new RawPeer(config, 1 << 20, true));
    MuxedStream blocked = silent.session.open();
    long start = System.nanoTime();
    var talk =
        Later.run(
            () -> {
              for (int i = 0; i < 15; i++) {
                speaking.send(Frame.WINDOW, 0, 99, 0);
                Thread.sleep(100);
              }
              return speaking.session.isOpen();
            });
    assertThatThrownBy(() -> blocked.in().read())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the peer is silent for 0.4 s");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(350), Duration.ofSeconds(3));
    assertThat(talk.get()).isTrue();
  }

  @Test
  void aPeerThatSpeaksAndTakesNothingIsLost() throws Exception {
    var config =
        YamuxConfig.defaults().withKeepAlive(Duration.ofMillis(100), Duration.ofMillis(200));
    RawPeer peer = peer(new RawPeer(config, 1000, false));
    MuxedStream stream = peer.session.open();
    Later.run(
        () -> {
          while (peer.session.isOpen()) {
            peer.send(Frame.WINDOW, 0, 99, 0);
            Thread.sleep(20);
          }
          return null;
        });
    assertThatThrownBy(
            () -> {
              while (true) {
                stream.out().write(new byte[10_000]);
              }
            })
        .hasMessageContaining("the peer takes no data for 0.4 s");
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void noiseOfFramesNeverBreaksTheReader() {
    int[] flags = {0, Frame.SYN, Frame.ACK, Frame.FIN, Frame.RST, 3, 15, 0x1f0};
    Fuzz.rounds(
        "yamux frames",
        200,
        random -> {
          RawPeer peer = new RawPeer(YamuxConfig.defaults().withMaxInbound(8), 1 << 20, true);
          try {
            for (int i = 0; i < 200; i++) {
              int type = random.nextInt(100) == 0 ? random.nextInt(256) : random.nextInt(4);
              if (type == Frame.GO_AWAY && random.nextInt(20) != 0) {
                type = Frame.DATA;
              }
              int length = type == Frame.DATA ? random.nextInt(300) : random.nextInt(1000);
              int id = type >= Frame.PING ? 0 : 1 + 2 * random.nextInt(10);
              int flag = flags[random.nextInt(flags.length)];
              peer.send(
                  type, flag, id, length, type == Frame.DATA ? noise(random, length) : new byte[0]);
            }
          } catch (IOException hungUp) {
            // As it should be after a breach.
          }
          boolean breached = !peer.session.isOpen();
          if (!breached) {
            assertThat(peer.session.streams()).isLessThanOrEqualTo(8);
            try {
              peer.send(Frame.PING, Frame.SYN, 0, 4711);
            } catch (IOException hungUp) {
              // The last frame was the breach, and has only now been read.
            }
            RawPeer.Received frame = peer.next();
            while (frame.type() != -1 && frame.length() != 4711) {
              frame = peer.next();
            }
          }
          peer.hangUp();
        });
  }

  private static byte[] noise(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
