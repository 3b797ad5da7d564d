package io.atoll.e2e;

import static org.awaitility.Awaitility.await;

import io.atoll.client.api.MemberView;
import io.atoll.core.os.FolderRemoval;
import io.atoll.e2e.LabPool.Member;
import io.atoll.e2e.LabPool.Provider;
import io.atoll.e2e.RateEnds.Flow;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.LoopbackRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// One stream of TCP between containers on two providers, against the same between the bare TUN
/// devices of the same two daemons in the same network; alternated. Then between microVMs, and
/// where the time goes there. `main(ROUNDS)`: `./dev bench network-containers`.
///
/// ```
///   container a ─┐                           ┌─ container b
///   at<network> ─┤ daemon p1 ═ router ═ p2 ──┤  at<network>
///   microVM ga  ─┘                           └─ microVM gb
/// ```
final class NetworkRateBench {
  private static final String NETWORK = "bench";
  private static final int SECONDS = 4;
  private static final int WARM_UPS = 3;
  private static final String SERVE =
      "exec " + IperfImage.PROGRAM + " -s --forceflush -p " + RateEnds.PORT;

  /// As the launcher tunes a daemon.
  private static final String TUNING =
      "JDK_JAVA_OPTIONS=-Xms16m -XX:+UseCompactObjectHeaders -XX:ReservedCodeCacheSize=48m"
          + " -XX:MaxInlineLevel=25";

  private final DockerEngine engine;
  private final LabPool labs;
  private final ProcessorTimes spent;

  private NetworkRateBench(DockerEngine engine, LabPool labs, Path folder) {
    this.engine = engine;
    this.labs = labs;
    this.spent = new ProcessorTimes(labs.pool().providers, folder);
  }

  public static void main(String[] words) throws Exception {
    int rounds = words.length > 0 ? Integer.parseInt(words[0]) : 6;
    DockerEngine engine = DockerEngine.withoutNetwork();
    engine.start();
    LoopbackRegistry registry = new LoopbackRegistry();
    registry.start();
    Path folder = Files.createTempDirectory("atoll-bench-");
    List<Provider> providers = List.of(provider("p1"), provider("p2"));
    try (LabPool labs =
        LabPool.start(folder, engine, registry, providers, name -> IperfImage.make(engine, name))) {
      new NetworkRateBench(engine, labs, folder).run(rounds);
    } finally {
      registry.stop();
      FolderRemoval.remove(folder);
    }
    System.exit(0);
  }

  private static Provider provider(String name) {
    return new Provider(
        name, List.of("docker", "microvm"), List.of("--net-host"), List.of("env", TUNING));
  }

  private void run(int rounds) throws Exception {
    for (String node : List.of("p1", "p2")) {
      // Only what is bare would pass through the lab's counters.
      labs.lab.inside(node, "nft", "flush", "ruleset");
    }
    labs.command("net", "create", NETWORK, "--all-providers");
    Member b = labs.join("b", "docker", "p2", NETWORK, null, SERVE);
    Member a = labs.join("a", "docker", "p1", NETWORK, null, "echo here; exec sleep 86400");
    labs.awaitSaid(b, "listening");
    labs.awaitSaid(a, "here");
    Process server = bareServer();
    try {
      // The engine runs it there; a session of ours would take processor time meanwhile.
      String within = container(a);
      RateEnds containers =
          new RateEnds(
              "containers",
              words -> engine.docker(concat(List.of("exec", within), words)),
              b.v4().toString(),
              spent);
      RateEnds bare =
          new RateEnds("bare ends", words -> labs.lab.inside("p1", words), machine("p2"), spent);
      System.out.println(labs.command("net", "why", NETWORK, "a", "b", "-q").strip());
      compare(containers, bare, rounds);
    } finally {
      server.destroy();
      server.waitFor();
    }
    labs.stop(a);
    labs.stop(b);
    Member far = labs.join("gb", "microvm", "p2", NETWORK, null, SERVE);
    Member near = labs.join("ga", "microvm", "p1", NETWORK, null, "echo here; exec sleep 86400");
    labs.awaitSaid(far, "listening");
    labs.awaitSaid(near, "here");
    RateEnds guests =
        new RateEnds("guests", words -> labs.beside(near, words), far.v4().toString(), spent);
    guests(guests, rounds);
  }

  /// The container that a task runs in.
  private String container(Member member) throws IOException {
    return engine
        .docker("ps", "--format", "{{.ID}} {{.Label \"io.atoll.run\"}}")
        .lines()
        .filter(line -> line.contains(" " + member.task() + "."))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .findFirst()
        .orElseThrow();
  }

  private static String[] concat(List<String> first, String... more) {
    return Stream.concat(first.stream(), Stream.of(more)).toArray(String[]::new);
  }

  /// At the TUN device by which the provider's machine itself is in the network.
  private Process bareServer() throws IOException {
    List<String> words = new ArrayList<>(labs.lab.within("p2"));
    words.addAll(List.of("sh", "-c", SERVE));
    Process server =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
    String line = lines.readLine();
    while (line != null && !line.contains("listening")) {
      line = lines.readLine();
    }
    if (line == null) {
      throw new IOException("iperf3 does not listen on p2");
    }
    Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
    return server;
  }

  /// Where a provider's machine is in the network.
  private String machine(String node) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                labs.pool().client.privateNetworks().members(NETWORK).stream()
                    .filter(one -> one.kind().equals("NODE") && one.present())
                    .filter(one -> node.equals(one.nodeName()))
                    .map(MemberView::v4)
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow()
        .toString();
  }

  private static void compare(RateEnds containers, RateEnds bare, int rounds) throws Exception {
    for (int i = 0; i < WARM_UPS; i++) {
      containers.tcp(SECONDS);
      bare.tcp(SECONDS);
    }
    List<Flow> inside = new ArrayList<>();
    List<Flow> outside = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      if (round % 2 == 0) {
        inside.add(containers.tcp(SECONDS));
        outside.add(bare.tcp(SECONDS));
      } else {
        outside.add(bare.tcp(SECONDS));
        inside.add(containers.tcp(SECONDS));
      }
      System.out.printf(
          Locale.ROOT,
          "round %d: TCP %.2f/%.2f Gbit/s (%.0f/%.0f sent again)%n",
          round + 1,
          inside.getLast().rate(),
          outside.getLast().rate(),
          inside.getLast().retransmits(),
          outside.getLast().retransmits());
    }
    System.out.printf(
        "%-38s %12s %12s %8s%n", "median of " + rounds, "containers", "bare ends", "ratio");
    line("TCP, one stream, Gbit/s", inside, outside, Flow::rate);
    line("daemons, seconds of processor a Gbit", inside, outside, Flow::processorSum);
    for (String who : who(inside, outside)) {
      ToDoubleFunction<Flow> part = flow -> flow.processor().getOrDefault(who, 0.0);
      System.out.printf(
          Locale.ROOT, "  %-36s %12.3f %12.3f%n", who, median(inside, part), median(outside, part));
    }
    line("iperf3, sending, seconds a Gbit", inside, outside, Flow::sender);
    line("iperf3, receiving, seconds a Gbit", inside, outside, Flow::receiver);
  }

  private static void guests(RateEnds guests, int rounds) throws Exception {
    guests.tcp(SECONDS);
    List<Flow> flows = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      flows.add(guests.tcp(SECONDS));
    }
    double[] rates = flows.stream().mapToDouble(Flow::rate).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "%nbetween two microVMs (%s): TCP, one stream, Gbit/s n=%d p50 %.3f min %.3f max %.3f%n",
        String.join(", ", guests.spent().accelerators()),
        rounds,
        median(rates),
        rates[0],
        rates[rates.length - 1]);
    double all = median(flows, Flow::processorSum);
    System.out.printf(Locale.ROOT, "%-38s %12s %8s%n", "seconds of processor a Gbit", "", "of all");
    for (String who : who(flows)) {
      double part = median(flows, flow -> flow.processor().getOrDefault(who, 0.0));
      System.out.printf(Locale.ROOT, "  %-36s %12.3f %7.1f%%%n", who, part, part / all * 100);
    }
    System.out.printf(Locale.ROOT, "  %-36s %12.3f%n", "all", all);
  }

  @SafeVarargs
  private static TreeSet<String> who(List<Flow>... all) {
    TreeSet<String> who = new TreeSet<>();
    for (List<Flow> flows : all) {
      flows.forEach(flow -> who.addAll(flow.processor().keySet()));
    }
    return who;
  }

  private static void line(
      String what, List<Flow> inside, List<Flow> outside, ToDoubleFunction<Flow> of) {
    double[] ratios = new double[inside.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = of.applyAsDouble(inside.get(i)) / of.applyAsDouble(outside.get(i));
    }
    System.out.printf(
        Locale.ROOT,
        "%-38s %12.3f %12.3f %8.2f%n",
        what,
        median(inside, of),
        median(outside, of),
        median(ratios));
  }

  private static double median(List<Flow> flows, ToDoubleFunction<Flow> of) {
    return median(flows.stream().mapToDouble(of).toArray());
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
