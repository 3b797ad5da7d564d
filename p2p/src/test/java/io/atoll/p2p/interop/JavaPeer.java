package io.atoll.p2p.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stack;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.perf.Perf;
import io.atoll.p2p.swarm.ResourceLimits;
import io.atoll.p2p.swarm.ScopeLimit;
import io.atoll.p2p.swarm.Watermarks;
import io.atoll.p2p.testing.Later;
import io.atoll.p2p.transport.HandshakeLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// This host in a process of its own, with the memory and the garbage collector of the daemon. It
/// obeys what `peer.mjs` obeys of speed, and for the price of connections:
///
/// ```
/// start listen stack     → id, addresses
/// redial address count   → p50
/// perf up down           → millis
/// pingStream count       → p50
/// crowd count listen     → addresses      so many hosts
/// meet addresses         → connected      dials each, with each host of the crowd if there is one
/// connected              → count
/// heap                   → used           after collecting garbage
/// ```
final class JavaPeer extends ObeyingProcess {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int AT_ONCE = 16;
  private static final int MANY = 5000;

  JavaPeer() throws IOException {
    super("java peer", command(), Path.of("").toAbsolutePath());
  }

  private static List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:+UseCompactObjectHeaders",
        "-Xms16m",
        "-XX:MaxRAMPercentage=12.5",
        "-XX:MinHeapFreeRatio=10",
        "-XX:MaxHeapFreeRatio=30",
        "-XX:ReservedCodeCacheSize=48m",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        Obey.class.getName());
  }

  /// The process.
  static final class Obey {
    private final List<NetworkHost> hosts = new ArrayList<>();
    private PeerId peer;

    private Obey() {}

    public static void main(String[] arguments) throws Exception {
      var out = System.out;
      System.setOut(System.err);
      var obey = new Obey();
      var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode command = JSON.readTree(line);
        Map<String, ?> answer;
        try {
          // As a daemon does it: on virtual threads.
          answer = Later.run(() -> obey.answer(command)).get();
        } catch (Exception e) {
          answer = Map.of("failed", e.toString());
        }
        out.println(JSON.writeValueAsString(answer));
        out.flush();
      }
      System.exit(0);
    }

    private Map<String, ?> answer(JsonNode command) throws Exception {
      return switch (command.get("do").asText()) {
        case "start" -> start(command.get("listen").asBoolean(), command.get("stack").asText());
        case "redial" -> redial(command.get("address").asText(), command.get("count").asInt());
        case "perf" -> perf(command.get("up").asLong(), command.get("down").asLong());
        case "pingStream" -> pings(command.get("count").asInt());
        case "crowd" -> crowd(command.get("count").asInt(), command.get("listen").asBoolean());
        case "meet" -> meet(command.get("addresses"));
        case "connected" -> Map.of("count", hosts.getFirst().swarm().connections().size());
        case "heap" -> Map.of("used", heap());
        default -> throw new IllegalArgumentException("no command is called so: " + command);
      };
    }

    private static NetworkHost host(boolean listen, String stack) throws IOException {
      Stack standard = Stack.standard();
      ResourceLimits limits = ResourceLimits.defaults();
      NetworkHost host =
          P2p.start(
              HostConfig.of(
                      Identity.generate(),
                      listen ? List.of(JsPeer.listenAddress(stack)) : List.of())
                  .withStack(
                      stack.endsWith("-tls")
                          ? standard.withSecurities(Stack.SecurityName.TLS)
                          : standard)
                  .withHandshakes(new HandshakeLimits(PATIENCE, MANY, MANY))
                  .withWatermarks(
                      new Watermarks(MANY, MANY, Duration.ofMinutes(1), Duration.ofMinutes(1)))
                  .withLimits(
                      limits
                          .withInboundPerHost(MANY)
                          .withSystem(
                              new ScopeLimit(
                                  MANY,
                                  MANY,
                                  MANY,
                                  2 * MANY,
                                  2 * MANY,
                                  2 * MANY,
                                  limits.system().memory()))));
      host.handle(Perf.PROTOCOL, stream -> Perf.serve(stream.in(), stream.out()));
      return host;
    }

    private Map<String, ?> start(boolean listen, String stack) throws IOException {
      NetworkHost host = host(listen, stack);
      hosts.add(host);
      return Map.of("id", host.id().text(), "addresses", host.listening());
    }

    private Map<String, ?> redial(String address, int count) throws Exception {
      NetworkHost host = hosts.getFirst();
      peer = peerOf(address);
      List<Double> millis = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        host.disconnect(peer);
        while (host.connected(peer)) {
          Thread.sleep(1);
        }
        long began = System.nanoTime();
        host.connect(peer, List.of(address), PATIENCE);
        millis.add((System.nanoTime() - began) / 1e6);
      }
      return Map.of("p50", median(millis));
    }

    private static PeerId peerOf(String address) {
      return PeerId.parse(Multiaddr.parse(address).parts().getLast().value());
    }

    private Map<String, ?> perf(long up, long down) throws Exception {
      try (Stream stream = hosts.getFirst().open(peer, Perf.PROTOCOL)) {
        long began = System.nanoTime();
        Perf.run(stream.in(), stream.out(), up, down);
        return Map.of("millis", (System.nanoTime() - began) / 1e6);
      }
    }

    private Map<String, ?> pings(int count) throws Exception {
      List<Double> millis = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        millis.add(hosts.getFirst().ping(peer).toNanos() / 1e6);
      }
      return Map.of("p50", median(millis));
    }

    private Map<String, ?> crowd(int count, boolean listen) throws IOException {
      List<String> addresses = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        NetworkHost host = host(listen, "tcp");
        hosts.add(host);
        addresses.addAll(host.listening());
      }
      return Map.of("addresses", addresses);
    }

    /// Each host dials all addresses; of many hosts or many addresses, that is.
    private Map<String, ?> meet(JsonNode addresses) throws Exception {
      List<CompletableFuture<?>> running = new ArrayList<>();
      int met = 0;
      for (NetworkHost host : hosts) {
        for (JsonNode node : addresses) {
          String address = node.asText();
          running.add(
              Later.run(
                  () -> {
                    host.connect(peerOf(address), List.of(address), PATIENCE);
                    return host.identify(peerOf(address));
                  }));
          if (running.size() == AT_ONCE) {
            running.removeFirst().get();
          }
          met++;
        }
      }
      for (CompletableFuture<?> each : running) {
        each.get();
      }
      return Map.of("connected", met);
    }

    private static long heap() throws InterruptedException {
      for (int i = 0; i < 3; i++) {
        System.gc();
        Thread.sleep(100);
      }
      return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
  }

  static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
