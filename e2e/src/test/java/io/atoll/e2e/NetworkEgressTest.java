package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a network's owner lets out leaves it, by a provider that lets networks out, and nothing
/// else does; and the owner sees both.
///
/// ```
///   task ── network ── p1 (11.0.0.1) ── 11.0.0.2:8080 allowed
///                                             :8081 not
/// ```
@Tag("real")
@Timeout(600)
class NetworkEgressTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// Greets each caller of its port.
  private static final String SERVER =
      """
      use IO::Socket::INET; $| = 1;
      my $s = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 16, ReuseAddr => 1) or die $!;
      print "listening\\n";
      while (1) { my $c = $s->accept or next; print $c "hello from $ARGV[0]\\n"; close $c }
      """;

  /// Calls two ports in turn, for ever, and says what came of it.
  private static final String CALLER =
      """
      use IO::Socket::INET; $| = 1; my $n = 0;
      while (1) {
        $n++;
        for my $port (8080, 8081) {
          my $c = IO::Socket::INET->new(PeerAddr => "11.0.0.2:$port", Timeout => 3);
          my $said = $c ? <$c> : undef;
          print "$n $port ", ($said ? $said : "nothing\\n");
        }
        select(undef, undef, undef, 0.3);
      }
      """;

  @TempDir Path folder;
  private TwoPlaces places;
  private final List<DaemonProcess> daemons = new ArrayList<>();
  private CommandLine cli;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")), "namespaces are made by root");
    places = TwoPlaces.make();
    DaemonProcess hub = up("hub", "--hub");
    List<String> java = new ArrayList<>(places.here());
    java.addAll(DaemonProcess.java());
    cli = new CommandLine(java, Map.of("ATOLL_HUB", hub.api(), "ATOLL_KEY", hub.key()));
    String invite = ok("invite", "create", "-q").word();
    up("p1", "--provider", "--name", "p1", "--allow-egress", "--join", invite);
    await().atMost(PATIENCE).until(() -> ok("node", "list", "-o", "json").out().contains("ONLINE"));
    places.serve("/usr/bin/perl", "-e", SERVER, "8080");
    places.serve("/usr/bin/perl", "-e", SERVER, "8081");
  }

  @AfterEach
  void stop() throws Exception {
    if (cli != null) {
      cli.run("stop", "--wait", "caller");
    }
    daemons.reversed().forEach(DaemonProcess::close);
    if (places != null) {
      places.close();
    }
  }

  private DaemonProcess up(String name, String... arguments) throws Exception {
    List<String> all =
        new ArrayList<>(List.of("--api", "127.0.0.1:0", "--listen", "/ip4/127.0.0.1/tcp/0"));
    all.addAll(List.of(arguments));
    DaemonProcess daemon = new DaemonProcess(folder.resolve(name), all, places.here());
    daemons.add(daemon);
    return daemon.start();
  }

  private CommandLine.Result ok(String... words) throws Exception {
    CommandLine.Result result = cli.run(words);
    assertThat(result.status()).as("%s: %s", List.of(words), result.err()).isZero();
    return result;
  }

  /// Whether the newest call of a port was answered.
  private boolean answered(int port) throws Exception {
    String last =
        ok("logs", "caller")
            .out()
            .lines()
            .filter(line -> line.contains(" " + port + " "))
            .reduce("", (_, line) -> line);
    return last.endsWith("hello from " + port);
  }

  private long calls() throws Exception {
    return ok("logs", "caller").out().lines().count();
  }

  private JsonNode egress() throws Exception {
    return ok("net", "show", "mynet", "-o", "json").json().path("egress");
  }

  @Test
  void whatARuleAllowsAnswersNothingElseDoesAndTheHubCountsBoth() throws Exception {
    ok("net", "create", "mynet");
    ok(
        "run",
        "--detach",
        "--name",
        "caller",
        "--net",
        "mynet",
        "--memory",
        "64Mi",
        "--cpus",
        "0.1",
        "--grace",
        "1s",
        "--",
        "/usr/bin/perl",
        "-e",
        CALLER);
    await().atMost(PATIENCE).until(() -> calls() >= 4);
    assertThat(ok("logs", "caller").out()).doesNotContain("hello");

    // While it runs, the way out opens for one port of one address.
    ok("net", "egress", "mynet", "allow", TwoPlaces.FAR + "/32", "tcp", "8080");
    await().atMost(PATIENCE).until(() -> answered(8080));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(egress().path("packets").asLong()).isPositive();
              assertThat(egress().path("refused").asLong()).isPositive();
            });
    assertThat(ok("logs", "caller").out()).doesNotContain("hello from 8081");
    JsonNode counted = egress();
    JsonNode rule = counted.path("rules").path(0);
    assertThat(rule.path("rule").asText()).isEqualTo("allow 11.0.0.2/32 tcp 8080");
    assertThat(rule.path("packets").asLong()).isPositive();
    assertThat(rule.path("bytes").asLong()).isGreaterThan(40);
    assertThat(counted.path("noExit").asLong() + counted.path("denied").asLong()).isZero();
    JsonNode member = ok("net", "members", "mynet", "-o", "json").json().path(0).path("egress");
    assertThat(member.path("packets").asLong()).isPositive();
    assertThat(member.path("refused").asLong()).isPositive();
    assertThat(ok("net", "show", "mynet").out())
        .contains(") left, ")
        .contains("allow 11.0.0.2/32 tcp 8080: ");
    assertThat(metric("left")).isPositive();
    assertThat(metric("refused")).isPositive();

    // And it closes; what was counted stays so.
    ok("net", "egress", "mynet", "remove", "1");
    await().atMost(PATIENCE).until(() -> !answered(8080));
    long calls = calls();
    await().atMost(PATIENCE).until(() -> calls() > calls + 3);
    assertThat(answered(8080)).isFalse();
    assertThat(egress().path("packets").asLong())
        .isGreaterThanOrEqualTo(counted.path("packets").asLong());
    assertThat(egress().path("rules")).isEmpty();
  }

  private double metric(String outcome) throws Exception {
    List<String> curl = new ArrayList<>(places.here());
    curl.addAll(List.of("curl", "-s", daemons.getFirst().api() + "/metrics"));
    Process asked = new ProcessBuilder(curl).start();
    String name = "atoll_net_egress_packets_total{network=\"mynet\",outcome=\"" + outcome + "\"} ";
    try (var lines = asked.inputReader().lines()) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
          .sum();
    }
  }
}
