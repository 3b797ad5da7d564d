package io.atoll.vpn.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.vpn.port.Offload;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A stack against the system's own; run by [KernelTest] where there is a network namespace for it.
@Timeout(40)
class KernelSuite {
  private static final Duration SECONDS = Duration.ofSeconds(10);
  private static final int PORT = 8080;

  private static StackSettings settings() {
    return StackSettings.usual(KernelLab.STACK4, KernelLab.STACK6, KernelLab.MTU);
  }

  interface Work {
    void run() throws Exception;
  }

  private static CompletableFuture<Void> aside(Work work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                work.run();
                done.complete(null);
              } catch (Throwable t) {
                done.completeExceptionally(t);
              }
            });
    return done;
  }

  /// Both sides write so much at once, then end, and check what they read.
  private static void exchange(
      InputStream in, OutputStream out, InputStream kernelIn, OutputStream kernelOut, long bytes)
      throws Exception {
    var first =
        aside(
            () -> {
              TwoStacks.write(out, bytes);
              out.close();
            });
    var second = aside(() -> TwoStacks.write(kernelOut, bytes));
    var third = aside(() -> assertThat(TwoStacks.read(kernelIn)).isEqualTo(bytes));
    byte[] all = in.readNBytes((int) bytes);
    assertThat(all).hasSize((int) bytes);
    for (int i = 0; i < all.length; i++) {
      if (all[i] != TwoStacks.octet(i)) {
        throw new AssertionError("byte " + i + " is another than was sent");
      }
    }
    first.get(30, TimeUnit.SECONDS);
    second.get(30, TimeUnit.SECONDS);
    third.get(30, TimeUnit.SECONDS);
  }

  private static void bothDirections(KernelLab lab, boolean six, long bytes) throws Exception {
    InetAddress kernel = six ? KernelLab.KERNEL6 : KernelLab.KERNEL4;
    InetAddress stack = six ? KernelLab.STACK6 : KernelLab.STACK4;
    try (ServerSocket server = KernelLab.inside(() -> new ServerSocket(PORT, 9, kernel))) {
      try (TcpStream stream = lab.stack.connect(kernel, PORT, SECONDS);
          Socket socket = server.accept()) {
        exchange(
            stream.input(),
            stream.output(),
            socket.getInputStream(),
            socket.getOutputStream(),
            bytes);
      }
    }
    try (TcpListener listener = lab.stack.listen(PORT)) {
      Socket socket =
          KernelLab.inside(
              () -> {
                Socket made = new Socket();
                made.connect(new InetSocketAddress(stack, PORT), 10_000);
                return made;
              });
      try (socket;
          TcpStream stream = listener.accept()) {
        exchange(
            stream.input(),
            stream.output(),
            socket.getInputStream(),
            socket.getOutputStream(),
            bytes);
      }
    }
    assertThat(lab.stack.counters().malformed()).isZero();
  }

  @Test
  void withAllOffloads() throws Exception {
    try (KernelLab lab = KernelLab.clean(KernelLab.ALL)) {
      bothDirections(lab, false, 8 << 20);
      bothDirections(lab, true, 8 << 20);
    }
  }

  @Test
  void withoutOffloads() throws Exception {
    try (KernelLab lab = KernelLab.clean(Set.<Offload>of())) {
      bothDirections(lab, false, 4 << 20);
      bothDirections(lab, true, 4 << 20);
    }
  }

  @Test
  void overABadWay() throws Exception {
    try (KernelLab lab = KernelLab.bad(10, settings())) {
      bothDirections(lab, false, 4 << 20);
      bothDirections(lab, true, 4 << 20);
    }
  }

  @Test
  void overABadWayWithoutSackAndTimestamps() throws Exception {
    StackSettings plain = settings();
    plain = plain.with(plain.tcp().withOptions(false, false));
    try (KernelLab lab = KernelLab.bad(10, plain)) {
      bothDirections(lab, false, 2 << 20);
    }
  }

  @Test
  void curlFetchesFromTheStack() throws Exception {
    try (KernelLab lab = KernelLab.bad(5, settings());
        TcpListener listener = lab.stack.listen(80)) {
      byte[] body = "all that glitters ".repeat(50_000).getBytes(US_ASCII);
      var served =
          aside(
              () -> {
                for (int i = 0; i < 2; i++) {
                  try (TcpStream stream = listener.accept()) {
                    InputStream in = stream.input();
                    for (int state = 0; state < 4; ) {
                      int octet = in.read();
                      state = octet == (state % 2 == 0 ? '\r' : '\n') ? state + 1 : 0;
                    }
                    OutputStream out = stream.output();
                    String head = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n";
                    out.write(head.getBytes(US_ASCII));
                    out.write(body);
                  }
                }
              });
      String said = KernelLab.run("curl", "-s", "-m", "20", "http://10.9.0.1/");
      assertThat(said).isEqualTo(new String(body, US_ASCII));
      assertThat(KernelLab.run("curl", "-s", "-m", "20", "http://[fd09::1]/")).isEqualTo(said);
      served.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void pingsAndErrors() throws Exception {
    try (KernelLab lab = KernelLab.clean(KernelLab.ALL)) {
      assertThat(lab.stack.ping(KernelLab.KERNEL4, SECONDS)).isPositive();
      assertThat(lab.stack.ping(KernelLab.KERNEL6, SECONDS)).isPositive();
      assertThat(KernelLab.<Boolean>inside(() -> KernelLab.STACK4.isReachable(5000))).isTrue();
      assertThat(KernelLab.<Boolean>inside(() -> KernelLab.STACK6.isReachable(5000))).isTrue();
      assertThat(lab.stack.counters().refused()).isZero(); // It was by an echo, not by a port.
      for (InetAddress to : new InetAddress[] {KernelLab.KERNEL4, KernelLab.KERNEL6}) {
        assertThatThrownBy(() -> lab.stack.connect(to, 9, SECONDS))
            .satisfies(
                e -> assertThat(((AtollException) e).code()).isEqualTo(ErrorCode.GATEWAY_REFUSED));
      }
      // What the kernel may not route, it says.
      InetAddress elsewhere = InetAddress.ofLiteral("10.200.0.1");
      assertThatThrownBy(() -> lab.stack.connect(elsewhere, 9, Duration.ofMillis(300)))
          .isInstanceOf(AtollException.class);
      assertThatThrownBy(
              () ->
                  KernelLab.inside(
                      () -> {
                        Socket socket = new Socket();
                        socket.connect(new InetSocketAddress(KernelLab.STACK4, 9), 5000);
                        return socket;
                      }))
          .hasMessageContaining("refused");
    }
  }

  @Test
  void datagrams() throws Exception {
    try (KernelLab lab = KernelLab.clean(KernelLab.ALL)) {
      for (InetAddress kernel : new InetAddress[] {KernelLab.KERNEL4, KernelLab.KERNEL6}) {
        InetSocketAddress name = new InetSocketAddress(kernel, 5353);
        try (DatagramChannel echo = KernelLab.inside(() -> DatagramChannel.open().bind(name));
            UdpFlow flow = lab.stack.udp(kernel, 5353)) {
          for (int size : new int[] {1, 100, flow.limit()}) {
            flow.send("x".repeat(size).getBytes(US_ASCII));
            ByteBuffer got = ByteBuffer.allocate(2000);
            var from = echo.receive(got);
            assertThat(got.position()).isEqualTo(size);
            echo.send(got.flip(), from);
            assertThat(flow.receive(SECONDS)).hasSize(size);
          }
        }
        UdpFlow nobody = lab.stack.udp(kernel, 5354);
        nobody.send(new byte[10]);
        assertThatThrownBy(() -> nobody.receive(SECONDS))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("nobody has that port");
      }
    }
  }

  @Test
  void whatTheSystemBreaksOffIsSeen() throws Exception {
    try (KernelLab lab = KernelLab.clean(KernelLab.ALL);
        ServerSocket server =
            KernelLab.inside(() -> new ServerSocket(PORT, 9, KernelLab.KERNEL4))) {
      TcpStream stream = lab.stack.connect(KernelLab.KERNEL4, PORT, SECONDS);
      Socket socket = server.accept();
      socket.setSoLinger(true, 0);
      socket.close();
      assertThatThrownBy(() -> stream.input().read()).hasMessageContaining("broke");
      stream.close();
      TcpStream second = lab.stack.connect(KernelLab.KERNEL4, PORT, SECONDS);
      Socket other = server.accept();
      second.abort();
      assertThatThrownBy(() -> other.getInputStream().read()).hasMessageContaining("reset");
      for (int i = 0; i < 200 && lab.stack.counters().connections() > 0; i++) {
        Thread.sleep(10);
      }
      assertThat(lab.stack.counters().connections()).isZero();
      assertThat(lab.stack.counters().memory()).isZero();
    }
  }
}
