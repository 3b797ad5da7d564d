package io.atoll.vpn.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.vpn.gateway.tcp.TcpSettings;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two stacks, with nothing of the system between them.
@Timeout(60)
class StackTest {
  private static final long SECOND = 1_000_000_000L;

  /// The other side takes connections and answers each with what it sent.
  private static void echo(TcpListener listener) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  TcpStream stream = listener.accept();
                  Thread.ofVirtual().start(() -> echo(stream));
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
  }

  private static void echo(TcpStream stream) {
    try (stream) {
      stream.input().transferTo(stream.output());
    } catch (IOException e) {
      stream.abort();
    }
  }

  private static long throughEcho(Stack from, InetAddress to, long bytes) throws Exception {
    try (TcpStream stream = from.connect(to, 7, TwoStacks.SECONDS)) {
      CompletableFuture<Long> read = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  read.complete(TwoStacks.read(stream.input()));
                } catch (Exception | AssertionError e) {
                  read.completeExceptionally(e);
                }
              });
      TwoStacks.write(stream.output(), bytes);
      stream.output().close();
      return read.get(50, TimeUnit.SECONDS);
    }
  }

  private static void allIsGivenBack(Stack stack) throws Exception {
    for (int i = 0; i < 300 && stack.counters().connections() > 0; i++) {
      Thread.sleep(10);
    }
    assertThat(stack.counters().connections()).isZero();
    assertThat(stack.counters().memory()).isZero();
  }

  @Test
  void bytesGoBothWaysWithBothFamilies() throws Exception {
    try (TwoStacks two = TwoStacks.clean();
        TcpListener listener = two.b.listen(7)) {
      echo(listener);
      assertThat(throughEcho(two.a, TwoStacks.B4, 5_000_000)).isEqualTo(5_000_000);
      assertThat(throughEcho(two.a, TwoStacks.B6, 5_000_000)).isEqualTo(5_000_000);
      allIsGivenBack(two.a);
      allIsGivenBack(two.b);
      assertThat(two.b.counters().malformed()).isZero();
    }
  }

  @Test
  void lossAndDisorderAreMended() throws Exception {
    try (TwoStacks two = TwoStacks.with(10, 30, settings -> settings);
        TcpListener listener = two.b.listen(7)) {
      echo(listener);
      assertThat(throughEcho(two.a, TwoStacks.B4, 2_000_000)).isEqualTo(2_000_000);
      assertThat(throughEcho(two.a, TwoStacks.B6, 2_000_000)).isEqualTo(2_000_000);
    }
  }

  @Test
  void manyConnectionsAtOnce() throws Exception {
    try (TwoStacks two = TwoStacks.clean();
        TcpListener listener = two.b.listen(7);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      echo(listener);
      List<Future<Long>> results = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        results.add(threads.submit(() -> throughEcho(two.a, TwoStacks.B4, 100_000)));
      }
      for (Future<Long> result : results) {
        assertThat(result.get()).isEqualTo(100_000);
      }
      allIsGivenBack(two.a);
      allIsGivenBack(two.b);
    }
  }

  @Test
  void refusedUnreachableAndTooMany() throws Exception {
    try (TwoStacks two = TwoStacks.with(0, 0, settings -> settings.withConnections(3, 1L << 20));
        TcpListener listener = two.b.listen(7)) {
      assertThatThrownBy(() -> two.a.connect(TwoStacks.B4, 9, TwoStacks.SECONDS))
          .hasMessage("connecting to 10.7.0.2 port 9: nobody listens there")
          .satisfies(
              e -> assertThat(((AtollException) e).code()).isEqualTo(ErrorCode.GATEWAY_REFUSED));
      InetAddress nobody = InetAddress.ofLiteral("10.7.0.77");
      assertThatThrownBy(() -> two.a.connect(nobody, 9, Duration.ofMillis(50)))
          .hasMessageContaining("no answer within 50 ms")
          .satisfies(e -> assertThat(((AtollException) e).code()).isEqualTo(ErrorCode.TIMEOUT));
      allIsGivenBack(two.a);
      List<TcpStream> open = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        open.add(two.a.connect(TwoStacks.B4, 7, TwoStacks.SECONDS));
      }
      assertThatThrownBy(() -> two.a.connect(TwoStacks.B4, 7, TwoStacks.SECONDS))
          .satisfies(e -> assertThat(((AtollException) e).code()).isEqualTo(ErrorCode.NO_CAPACITY));
      open.forEach(TcpStream::abort);
      allIsGivenBack(two.a);
    }
  }

  @Test
  void whoFindsNoRoomIsNotRefusedButWaits() throws Exception {
    try (TwoStacks two = TwoStacks.clean();
        TcpListener listener = two.b.listen(7);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<TcpStream>> results = new ArrayList<>();
      for (int i = 0; i < 1100; i++) {
        results.add(threads.submit(() -> two.a.connect(TwoStacks.B4, 7, Duration.ofSeconds(40))));
      }
      // Nobody accepts until there is no room any more.
      for (int i = 0; i < 3000 && two.b.counters().postponed() == 0; i++) {
        Thread.sleep(10);
      }
      assertThat(two.b.counters().postponed()).isPositive();
      for (int i = 0; i < results.size(); i++) {
        listener.accept().close();
      }
      for (Future<TcpStream> result : results) {
        result.get().close();
      }
      assertThat(two.b.counters().refused()).isZero();
    }
  }

  @Test
  void whoDoesNotReadHoldsTheWriterBack() throws Exception {
    TcpSettings small = TcpSettings.usual(1220, 536).withRing(1 << 13, 1 << 14);
    try (TwoStacks two = TwoStacks.with(0, 0, settings -> settings.with(small));
        TcpListener listener = two.b.listen(7)) {
      TcpStream out = two.a.connect(TwoStacks.B4, 7, TwoStacks.SECONDS);
      TcpStream in = listener.accept();
      CompletableFuture<Boolean> written = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try (out) {
                  TwoStacks.write(out.output(), 1_000_000);
                  written.complete(true);
                } catch (Exception e) {
                  written.completeExceptionally(e);
                }
              });
      Thread.sleep(300);
      assertThat(written).isNotDone();
      assertThat(in.input().available()).isLessThanOrEqualTo(1 << 14);
      assertThat(TwoStacks.read(in.input())).isEqualTo(1_000_000);
      assertThat(written.get(5, TimeUnit.SECONDS)).isTrue();
      in.close();
      allIsGivenBack(two.a);
      allIsGivenBack(two.b);
    }
  }

  @Test
  void whatIsBrokenOffIsSaid() throws Exception {
    try (TwoStacks two = TwoStacks.clean();
        TcpListener listener = two.b.listen(7)) {
      TcpStream out = two.a.connect(TwoStacks.B4, 7, TwoStacks.SECONDS);
      TcpStream in = listener.accept();
      in.abort();
      assertThatThrownBy(() -> out.input().read())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the other side broke the connection off");
      assertThatThrownBy(() -> out.output().write(1)).isInstanceOf(IOException.class);
      out.close();
      TcpStream second = two.a.connect(TwoStacks.B4, 7, TwoStacks.SECONDS);
      Thread.ofVirtual()
          .start(
              () -> {
                LockSupport.parkNanos(SECOND / 20);
                two.a.close();
              });
      assertThatThrownBy(() -> second.input().read())
          .hasMessageContaining("this side broke the connection off");
      assertThatThrownBy(() -> two.a.connect(TwoStacks.B4, 7, TwoStacks.SECONDS))
          .satisfies(e -> assertThat(((AtollException) e).code()).isEqualTo(ErrorCode.NOT_READY));
    }
  }

  @Test
  void anInterruptEndsTheWaiting() throws Exception {
    try (TwoStacks two = TwoStacks.clean();
        TcpListener listener = two.b.listen(7)) {
      TcpStream out = two.a.connect(TwoStacks.B4, 7, TwoStacks.SECONDS);
      CompletableFuture<Throwable> failed = new CompletableFuture<>();
      Thread reader =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      failed.completeExceptionally(
                          new AssertionError("read " + out.input().read()));
                    } catch (IOException e) {
                      failed.complete(e);
                    }
                  });
      Thread.sleep(30);
      reader.interrupt();
      assertThat(failed.get(5, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
      assertThat(listener.port()).isEqualTo(7);
    }
  }

  @Test
  void lingeringConnectionsDoNotCount() throws Exception {
    TcpSettings longLinger = TcpSettings.usual(1220, 536).withTimes(100 * SECOND, 0, 3600 * SECOND);
    try (TwoStacks two =
            TwoStacks.with(
                0, 0, settings -> settings.with(longLinger).withConnections(4, 1 << 20));
        TcpListener listener = two.b.listen(7)) {
      echo(listener);
      for (int i = 0; i < 20; i++) {
        assertThat(throughEcho(two.a, TwoStacks.B4, 1000)).isEqualTo(1000);
        allIsGivenBack(two.a);
        allIsGivenBack(two.b);
      }
    }
  }

  @Test
  void pings() throws Exception {
    try (TwoStacks two = TwoStacks.clean()) {
      assertThat(two.a.ping(TwoStacks.B4, TwoStacks.SECONDS)).isPositive();
      assertThat(two.b.ping(TwoStacks.A6, TwoStacks.SECONDS)).isPositive();
      InetAddress nobody = InetAddress.ofLiteral("fd07::77");
      assertThatThrownBy(() -> two.a.ping(nobody, Duration.ofMillis(50)))
          .hasMessage("pinging " + nobody.getHostAddress() + ": no answer within 50 ms");
    }
  }

  @Test
  void datagramsToNobodyAreRefusedAndIdleFlowsClose() throws Exception {
    try (TwoStacks two =
        TwoStacks.with(0, 0, settings -> settings.withUdpIdle(Duration.ofMillis(200)))) {
      for (InetAddress to : List.of(TwoStacks.B4, TwoStacks.B6)) {
        UdpFlow flow = two.a.udp(to, 53);
        flow.send(new byte[100]);
        assertThatThrownBy(() -> flow.receive(TwoStacks.SECONDS))
            .hasMessageContaining("nobody has that port there");
        assertThat(flow.receive(Duration.ofMillis(10))).isNull();
        assertThatThrownBy(() -> flow.send(new byte[1420]))
            .satisfies(e -> assertThat(((AtollException) e).code()).isEqualTo(ErrorCode.TOO_LARGE));
        assertThatThrownBy(() -> flow.receive(TwoStacks.SECONDS))
            .hasMessageContaining("nothing was sent or received");
        for (int i = 0; i < 100 && two.a.counters().flows() > 0; i++) {
          Thread.sleep(10);
        }
        assertThat(two.a.counters().flows()).isZero();
      }
    }
  }
}
