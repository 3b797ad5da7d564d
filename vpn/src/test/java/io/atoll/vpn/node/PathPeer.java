package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.vpn.gateway.TcpListener;
import io.atoll.vpn.gateway.TcpStream;
import io.atoll.vpn.path.Path;
import io.atoll.vpn.relay.RelayLimits;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// One node of [PathsThroughNatTest], in a network namespace and a process of its own. It prints
/// what happens to it, and ends when its input ends.
///
/// ```
/// relay          → its address
/// answer RELAY   → what is written to it in the network comes back
/// talk RELAY     → "way WHERE" whenever that is another; for each line that it reads, that line
///                  with how much came back and for how long at most nothing did; at last "whole"
///                  if all came back
/// ```
final class PathPeer {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int PORT = 7;
  private static final int MESSAGE = 200;

  private PathPeer() {}

  public static void main(String[] args) throws Exception {
    int number = List.of("talk", "answer", "relay").indexOf(args[0]);
    try (PathNode node =
        new PathNode(
            number, List.of("/ip4/0.0.0.0/tcp/7464"), new InetSocketAddress("0.0.0.0", 7465), 2)) {
      if (number == 2) {
        node.networks.passOn(_ -> true, RelayLimits.defaults());
        System.out.println(node.host.listening().getFirst());
        whileAlive();
        return;
      }
      Multiaddr relay = Multiaddr.parse(args[1]);
      PeerId id = PeerId.parse(relay.peer().orElseThrow());
      node.host.connect(id, List.of(args[1]), PATIENCE);
      node.networks.useRelay(id, List.of(args[1]));
      if (number == 1) {
        answer(node);
      } else {
        talk(node);
      }
    }
  }

  private static void whileAlive() throws Exception {
    while (System.in.read() >= 0) {
      // It lives as long as the test.
    }
  }

  private static void answer(PathNode node) throws Exception {
    TcpListener listener = node.stack.listen(PORT);
    Thread.ofVirtual()
        .start(
            () -> {
              try (TcpStream stream = listener.accept()) {
                byte[] bytes = new byte[MESSAGE];
                for (int n = stream.input().read(bytes); n >= 0; n = stream.input().read(bytes)) {
                  stream.output().write(bytes, 0, n);
                }
              } catch (Exception e) {
                System.out.println("the answering end: " + e);
              }
            });
    System.out.println("/ready");
    whileAlive();
  }

  private static void talk(PathNode node) throws Exception {
    Thread.ofVirtual().start(() -> tellOfWays(node));
    for (int tries = 0; !node.pings(1); tries++) {
      if (tries == 10) {
        System.out.println("nobody answers: " + node.networks.why(PathNode.identity(1).id()));
        return;
      }
    }
    AtomicLong back = new AtomicLong();
    AtomicLong longest = new AtomicLong();
    long sent = 0;
    try (TcpStream stream = node.stack.connect(PathNode.address(1), PORT, PATIENCE)) {
      Thread reader = Thread.ofVirtual().start(() -> count(stream, back, longest));
      BufferedReader commands =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (boolean over = false; !over; sent += MESSAGE) {
        stream.output().write(new byte[MESSAGE]);
        if (commands.ready()) {
          String line = commands.readLine();
          System.out.println(
              line + ": " + back + " bytes back, silent for " + longest.getAndSet(0) + " ms");
          over = line == null || line.equals("end");
        }
        Thread.sleep(20);
      }
      stream.output().close();
      reader.join();
    }
    System.out.println(back.get() == sent ? "whole" : "sent " + sent + ", back " + back);
  }

  private static void count(TcpStream stream, AtomicLong back, AtomicLong longest) {
    byte[] bytes = new byte[4096];
    long last = System.nanoTime();
    try {
      for (int n = stream.input().read(bytes); n >= 0; n = stream.input().read(bytes)) {
        long now = System.nanoTime();
        long silent = TimeUnit.NANOSECONDS.toMillis(now - last);
        longest.accumulateAndGet(silent, Math::max);
        last = now;
        back.addAndGet(n);
      }
    } catch (Exception e) {
      System.out.println("the connection broke: " + e);
    }
  }

  private static void tellOfWays(PathNode node) {
    Path before = new Path.Nowhere();
    try {
      while (true) {
        Path now = node.way(1);
        if (!now.equals(before)) {
          before = now;
          System.out.println("way " + words(now));
        }
        Thread.sleep(20);
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private static String words(Path path) {
    return switch (path) {
      case Path.Direct(InetSocketAddress to) -> "direct " + to.getAddress().getHostAddress();
      case Path.Relayed _ -> "relayed";
      case Path.Stream() -> "stream";
      case Path.Nowhere() -> "nowhere";
    };
  }
}
