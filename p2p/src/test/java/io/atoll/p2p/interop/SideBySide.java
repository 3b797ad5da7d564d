package io.atoll.p2p.interop;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stack;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.testing.Later;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/// A benchmark: this host and js-libp2p, each as dialler against its own kind and against the
/// other, one after the other in turns, over loopback. Prints medians: MB/s up and down on one
/// stream, ping p50, cold dial p50.
///
/// `java … io.atoll.p2p.interop.SideBySide [MiB] [turns] [stack]`, in the folder of the module.
/// A stack is `tcp`, `ws` or `quic`, and with TLS in place of Noise `tcp-tls` or `ws-tls`.
public final class SideBySide {
  private static final String SINK = "/test/sink/1";
  private static final String SOURCE = "/test/source/1";
  private static final int PINGS = 1000;
  private static final int DIALS = 20;

  private record Figures(List<Double> up, List<Double> down, List<Double> ping, List<Double> dial) {
    Figures() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    String line(String name) {
      return String.format(
          Locale.ROOT,
          "%-12s up %6.0f MB/s  down %6.0f MB/s  ping p50 %6.3f ms  dial p50 %6.2f ms",
          name,
          median(up),
          median(down),
          median(ping),
          median(dial));
    }
  }

  private SideBySide() {}

  public static void main(String[] arguments) throws Exception {
    int bytes = (arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200) << 20;
    int turns = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    String stack = arguments.length > 2 ? arguments[2] : "tcp";
    Figures javaToJava = new Figures();
    Figures javaToJs = new Figures();
    Figures jsToJava = new Figures();
    Figures jsToJs = new Figures();
    try (Host listener = host(stack);
        Host dialler = host(stack);
        JsPeer jsListener = new JsPeer();
        JsPeer jsDialler = new JsPeer()) {
      JsonNode js = jsListener.start(true, stack);
      PeerId jsId = PeerId.parse(js.get("id").asText());
      List<String> jsAddresses = List.of(js.get("addresses").get(0).asText());
      jsDialler.start(false, stack);
      // One turn warms up and is not counted.
      for (int turn = 0; turn <= turns; turn++) {
        boolean counts = turn > 0;
        fromJava(dialler, listener.id(), listener.listening(), bytes, counts ? javaToJava : null);
        fromJs(jsDialler, jsAddresses.getFirst(), bytes, counts ? jsToJs : null);
        fromJava(dialler, jsId, jsAddresses, bytes, counts ? javaToJs : null);
        fromJs(jsDialler, listener.listening().getFirst(), bytes, counts ? jsToJava : null);
      }
    }
    System.out.println(javaToJava.line("java → java"));
    System.out.println(jsToJs.line("js → js"));
    System.out.println(javaToJs.line("java → js"));
    System.out.println(jsToJava.line("js → java"));
  }

  private static Host host(String stack) throws IOException {
    Stack standard = Stack.standard();
    Host host =
        P2p.start(
            HostConfig.of(Identity.generate(), List.of(JsPeer.listenAddress(stack)))
                .withStack(
                    stack.endsWith("-tls")
                        ? standard.withSecurities(Stack.SecurityName.TLS)
                        : standard));
    host.handle(
        SINK,
        stream -> {
          byte[] buffer = new byte[64 << 10];
          while (stream.in().read(buffer) >= 0) {}
          stream.out().write(1);
        });
    host.handle(
        SOURCE,
        stream -> {
          long left = ByteBuffer.wrap(stream.in().readNBytes(8)).getLong();
          byte[] block = new byte[64 << 10];
          for (; left > 0; left -= block.length) {
            stream.out().write(block, 0, (int) Math.min(left, block.length));
          }
        });
    return host;
  }

  private static void fromJava(
      Host host, PeerId peer, List<String> addresses, int bytes, Figures into) throws Exception {
    List<Double> dials = new ArrayList<>();
    for (int i = 0; i < DIALS; i++) {
      host.disconnect(peer);
      while (host.connected(peer)) {
        Thread.sleep(1);
      }
      dials.add(millis(() -> connect(host, peer, addresses)));
    }
    double up =
        millis(
            () -> {
              try (Stream stream = host.open(peer, SINK)) {
                byte[] block = new byte[64 << 10];
                for (int left = bytes; left > 0; left -= block.length) {
                  stream.out().write(block, 0, Math.min(left, block.length));
                }
                stream.out().close();
                return stream.in().read();
              }
            });
    double down =
        millis(
            () -> {
              try (Stream stream = host.open(peer, SOURCE)) {
                stream.out().write(ByteBuffer.allocate(8).putLong(bytes).array());
                stream.out().close();
                byte[] buffer = new byte[64 << 10];
                long got = 0;
                for (int n = stream.in().read(buffer); n >= 0; n = stream.in().read(buffer)) {
                  got += n;
                }
                if (got != bytes) {
                  throw new IOException(got + " bytes instead of " + bytes);
                }
                return got;
              }
            });
    List<Double> pings = new ArrayList<>();
    for (int i = 0; i < PINGS; i++) {
      pings.add(host.ping(peer).toNanos() / 1e6);
    }
    add(into, bytes, up, down, median(pings), median(dials));
  }

  private static boolean connect(Host host, PeerId peer, List<String> addresses) throws Exception {
    host.connect(peer, addresses, Duration.ofSeconds(10));
    return true;
  }

  private static void fromJs(JsPeer js, String address, int bytes, Figures into) throws Exception {
    double dial = js.call("redial", "address", address, "count", DIALS).get("p50").asDouble();
    double up = js.call("upload", "bytes", bytes).get("millis").asDouble();
    double down = js.call("download", "bytes", bytes).get("millis").asDouble();
    double ping = js.call("pingStream", "count", PINGS).get("p50").asDouble();
    add(into, bytes, up, down, ping, dial);
  }

  private static void add(
      Figures into, int bytes, double up, double down, double ping, double dial) {
    if (into != null) {
      into.up().add(bytes / 1e3 / up);
      into.down().add(bytes / 1e3 / down);
      into.ping().add(ping);
      into.dial().add(dial);
    }
  }

  private static double millis(Callable<?> action) throws Exception {
    long start = System.nanoTime();
    Later.run(action).get();
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(value -> value).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
