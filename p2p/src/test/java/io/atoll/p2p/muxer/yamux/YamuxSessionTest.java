package io.atoll.p2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.p2p.muxer.MuxedSession;
import io.atoll.p2p.testing.Later;
import io.atoll.p2p.testing.Pipe;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Role;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two sessions that talk to each other.
@Timeout(60)
class YamuxSessionTest {
  private final Pipe pipe = new Pipe(64 << 10);
  private MuxedSession here;
  private MuxedSession there;

  @BeforeEach
  void start() {
    here = new Yamux(YamuxConfig.defaults()).start(pipe.left(), Role.INITIATOR);
    there = new Yamux(YamuxConfig.defaults()).start(pipe.right(), Role.RESPONDER);
  }

  @AfterEach
  void stop() {
    pipe.left().close();
  }

  private void echoAll() {
    Later.run(
        () -> {
          while (true) {
            MuxedStream stream = there.accept();
            Later.run(
                () -> {
                  stream.in().transferTo(stream.out());
                  stream.close();
                  return null;
                });
          }
        });
  }

  @Test
  void aThousandStreamsAtOnce() throws Exception {
    echoAll();
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      int number = i;
      MuxedStream stream = here.open();
      answers.add(
          Later.run(
              () -> {
                byte[] question = new byte[3000];
                ByteBuffer.wrap(question).putInt(number);
                stream.out().write(question);
                stream.out().close();
                byte[] answer = stream.in().readAllBytes();
                return answer.length == 3000 ? ByteBuffer.wrap(answer).getInt() : -1;
              }));
    }
    for (int i = 0; i < 1000; i++) {
      assertThat(answers.get(i).get(20, TimeUnit.SECONDS)).isEqualTo(i);
    }
    await().until(() -> here.streams() == 0 && there.streams() == 0);
  }

  @Test
  void megabytesBothWaysAtOnce() throws Exception {
    long seed = System.nanoTime();
    System.out.println("yamux transfer seed " + seed);
    byte[] data = new byte[8 << 20];
    new Random(seed).nextBytes(data);
    echoAll();
    MuxedStream stream = here.open();
    var back = Later.run(() -> stream.in().readAllBytes());
    var random = new Random(seed);
    for (int done = 0; done < data.length; ) {
      int count = Math.min(data.length - done, 1 + random.nextInt(200_000));
      stream.out().write(data, done, count);
      done += count;
    }
    stream.out().close();
    assertThat(back.get(30, TimeUnit.SECONDS)).isEqualTo(data);
  }

  @Test
  void oneStalledStreamDoesNotStarveTheOthers() throws Exception {
    List<MuxedStream> accepted = new ArrayList<>();
    List<CompletableFuture<?>> stalled = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      MuxedStream stream = here.open();
      accepted.add(there.accept());
      stalled.add(
          Later.run(
              () -> {
                stream.out().write(new byte[2 << 20]);
                return null;
              }));
    }
    Thread.sleep(100);
    echoAll();
    for (int i = 0; i < 10; i++) {
      MuxedStream stream = here.open();
      var back = Later.run(() -> stream.in().readAllBytes());
      stream.out().write(new byte[1 << 20]);
      stream.out().close();
      assertThat(back.get(10, TimeUnit.SECONDS)).hasSize(1 << 20);
    }
    assertThat(stalled).noneMatch(CompletableFuture::isDone);
    for (MuxedStream stream : accepted) {
      stream.in().readNBytes(2 << 20);
    }
    for (CompletableFuture<?> writer : stalled) {
      writer.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void busyStreamsShareTheConnectionFairly() throws Exception {
    int count = 8;
    AtomicLong[] got = new AtomicLong[count];
    for (int i = 0; i < count; i++) {
      AtomicLong bytes = new AtomicLong();
      got[i] = bytes;
      int blockSize = i % 2 == 0 ? 1 << 20 : 5_000;
      MuxedStream from = here.open();
      MuxedStream to = there.accept();
      Later.run(
          () -> {
            byte[] block = new byte[blockSize];
            while (true) {
              from.out().write(block);
            }
          });
      Later.run(
          () -> {
            byte[] buffer = new byte[64 << 10];
            for (int n = to.in().read(buffer); n >= 0; n = to.in().read(buffer)) {
              bytes.addAndGet(n);
            }
            return null;
          });
    }
    Thread.sleep(1000);
    long least = Long.MAX_VALUE;
    long most = 0;
    for (AtomicLong bytes : got) {
      least = Math.min(least, bytes.get());
      most = Math.max(most, bytes.get());
    }
    System.out.println("fairness: least " + least + ", most " + most);
    assertThat(least).isGreaterThan(most / 4);
  }

  @Test
  void aResetEndsBothDirectionsAndNothingElse() throws Exception {
    MuxedStream other = here.open();
    MuxedStream otherThere = there.accept();
    MuxedStream stream = here.open();
    MuxedStream far = there.accept();
    stream.out().write(new byte[1000]);
    var writer =
        Later.run(
            () -> {
              while (true) {
                stream.out().write(new byte[100_000]);
              }
            });
    assertThat(far.in().read()).isZero();
    far.reset();
    assertThatThrownBy(writer::get).hasMessageContaining("reset by the peer");
    assertThatThrownBy(() -> stream.in().read()).hasMessageContaining("reset by the peer");
    assertThatThrownBy(() -> far.in().read()).hasMessageContaining("reset by this end");
    assertThatThrownBy(() -> far.out().write(1)).hasMessageContaining("reset by this end");
    other.out().write(7);
    assertThat(otherThere.in().read()).isEqualTo(7);
    await().until(() -> here.streams() == 1 && there.streams() == 1);
  }

  @Test
  void whoStoppedReadingLetsTheOtherFinish() throws Exception {
    MuxedStream stream = here.open();
    MuxedStream far = there.accept();
    far.out().write(new byte[] {1, 2, 3});
    far.close();
    // Far more than a window: nobody reads it, and it still goes through.
    stream.out().write(new byte[3 << 20]);
    stream.out().close();
    assertThat(stream.in().readAllBytes()).containsExactly(1, 2, 3);
    await().until(() -> here.streams() == 0 && there.streams() == 0);
    assertThatThrownBy(() -> far.in().read()).hasMessageContaining("closed for reading");
  }

  @Test
  void aLostConnectionWakesReadersWritersOpenersAndAcceptors() throws Exception {
    MuxedStream stream = here.open();
    MuxedStream far = there.accept();
    far.out().write(5);
    var reader = Later.run(() -> stream.in().readNBytes(2));
    var writer =
        Later.run(
            () -> {
              stream.out().write(new byte[1 << 20]);
              return null;
            });
    var acceptor = Later.run(here::accept);
    Thread.sleep(50);
    pipe.right().close();
    for (var blocked : List.of(reader, writer, acceptor)) {
      assertThatThrownBy(() -> blocked.get(2, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IOException.class)
          .hasMessageContaining("the connection is lost");
    }
    assertThatThrownBy(here::open).hasMessageContaining("the connection is lost");
  }

  @Test
  void anInterruptWakesAReaderAndLeavesTheStreamAlone() throws Exception {
    MuxedStream stream = here.open();
    MuxedStream far = there.accept();
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    Thread reader =
        Thread.startVirtualThread(
            () -> {
              try {
                stream.in().read();
              } catch (IOException e) {
                seen.complete(Thread.interrupted() ? e : new AssertionError("flag not set"));
              }
            });
    Thread.sleep(50);
    reader.interrupt();
    assertThat(seen.get(2, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
    far.out().write(9);
    assertThat(stream.in().read()).isEqualTo(9);
  }

  @Test
  void closingSaysGoodbye() throws Exception {
    MuxedStream stream = here.open();
    MuxedStream far = there.accept();
    stream.out().write(new byte[50_000]);
    stream.out().close();
    here.close();
    assertThat(far.in().readAllBytes()).hasSize(50_000);
    await().atMost(Duration.ofSeconds(2)).until(() -> !there.isOpen());
  }
}
