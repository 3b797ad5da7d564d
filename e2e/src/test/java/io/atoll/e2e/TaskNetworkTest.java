package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Sandboxed processes in private networks, through the whole system.
///
/// ```
///   p1 ── web (10.x.x.2)          hub, p1 and p2 are processes on this machine,
///    ║ WireGuard over loopback    and each task has a namespace of its own with
///   p2 ── client                  nothing but its networks in it
/// ```
@Tag("real")
@Timeout(240)
class TaskNetworkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// Answers each line of each caller, and one request of HTTP.
  static final String SERVER =
      """
      use IO::Socket::INET; $| = 1; $SIG{CHLD} = 'IGNORE';
      my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 16, ReuseAddr => 1) or die $!;
      print "listening\\n";
      while (1) {
        my $c = $s->accept or next;
        if (!fork) {
          $c->autoflush(1);
          while (my $line = <$c>) {
            if ($line =~ /^GET /) { print $c "HTTP/1.0 200 OK\\r\\n\\r\\nhello from web\\n"; last }
            print "got $line"; print $c "ok $line";
          }
          exit;
        }
        close $c;
      }
      """;

  /// Connects by name, again until that works.
  private static final String CONNECT =
      """
      use IO::Socket::INET; $| = 1; my $c;
      my ($host, $tries) = @ARGV;
      for (1 .. $tries) {
        $c = IO::Socket::INET->new(PeerAddr => "$host:8080", Timeout => 3) and last; sleep 1;
      }
      die "not connected: $@\\n" unless $c;
      """;

  private static final String FETCH =
      CONNECT + "print $c \"GET / HTTP/1.0\\r\\n\\r\\n\"; print while <$c>;";

  /// Sends a line each tenth of a second on one connection, for ever.
  private static final String COUNT =
      CONNECT
          + """
          my $n = 0;
          while (1) {
            $n++; print $c "$n\\n"; my $l = <$c>; die "cut off at $n\\n" unless defined $l;
            print "$n\\n"; select(undef, undef, undef, 0.1);
          }
          """;

  @TempDir Path folder;
  private Pool pool;
  private CommandLine cli;

  @BeforeEach
  void start() throws Exception {
    pool = Pool.start(folder, 2);
    cli =
        new CommandLine(
            DaemonProcess.java(), Map.of("ATOLL_HUB", pool.hub.api(), "ATOLL_KEY", pool.hub.key()));
  }

  @AfterEach
  void stop() {
    if (pool == null) {
      return;
    }
    for (TaskView task : pool.client.tasks(false, null, 100).tasks()) {
      pool.client.stop(task.id().text());
      pool.client.task(task.id().text(), PATIENCE);
    }
    pool.close();
  }

  private void create(String network, String... options) throws Exception {
    List<String> words =
        Stream.concat(Stream.of("net", "create", network), Stream.of(options)).toList();
    CommandLine.Result made = cli.run(words.toArray(String[]::new));
    assertThat(made.status()).as(made.err()).isZero();
  }

  private String task(String name, String node, String net, String script, String... arguments)
      throws Exception {
    List<String> words =
        Stream.concat(
                Stream.of(
                    "run",
                    "--detach",
                    "--name",
                    name,
                    "--node",
                    node,
                    "--net",
                    net,
                    "--memory",
                    "64Mi",
                    "--cpus",
                    "0.1",
                    "--grace",
                    "1s",
                    "--",
                    "/usr/bin/perl",
                    "-e",
                    script),
                Stream.of(arguments))
            .toList();
    CommandLine.Result made = cli.run(words.toArray(String[]::new));
    assertThat(made.status()).as(made.err()).isZero();
    return made.word();
  }

  private void listening(String task) {
    await().atMost(PATIENCE).until(() -> pool.written(task).contains("listening"));
  }

  @Test
  void tasksOnTwoProvidersReachEachOtherByNameAndNobodyElseDoes() throws Exception {
    create("mynet");
    String web = task("web", "p1", "mynet", SERVER);
    listening(web);
    String client = task("client", "p2", "mynet", FETCH, "web.mynet.internal", "60");
    TaskView fetched = pool.client.task(client, PATIENCE);
    assertThat(pool.output(client)).contains("hello from web");
    assertThat(fetched.exitCode()).isZero();
    String beside = task("beside", "p1", "mynet", FETCH, "web.mynet.internal", "60");
    assertThat(pool.client.task(beside, PATIENCE).exitCode()).as(pool.output(beside)).isZero();

    String shown = cli.run("task", "show", "web").out();
    assertThat(shown).contains("web.mynet.internal");
    String address = pool.client.task(web).addresses().getFirst().v4().toString();
    assertThat(shown).contains(address);

    // Another network, with the very same addresses on the very same nodes.
    String block = pool.client.privateNetworks().show("mynet").v4().toString();
    create("twin", "--cidr", block);
    String stranger = task("stranger", "p2", "twin", FETCH, address, "2");
    assertThat(pool.client.task(stranger, PATIENCE).exitCode()).isNotZero();
    assertThat(pool.output(stranger)).contains("not connected");
    String lost = task("lost", "p2", "twin", FETCH, "web.mynet.internal", "1");
    assertThat(pool.client.task(lost, PATIENCE).exitCode()).isNotZero();
  }

  @Test
  void openConnectionsSurviveTheHubsAndTheProvidersDaemons() throws Exception {
    create("mynet");
    String web = task("web", "p1", "mynet", SERVER);
    listening(web);
    String client = task("client", "p2", "mynet", COUNT, "web.mynet.internal", "60");
    await().atMost(PATIENCE).until(() -> count(client) > 5);
    pool.hub.kill9();
    pool.providers.get(1).kill9();
    pool.providers.get(0).kill9();
    Thread.sleep(1000);
    // Without a hub they know who is in their network, and where.
    pool.providers.get(0).start();
    pool.providers.get(1).start();
    pool.hub.start();
    pool.awaitOnline(2);
    int before = count(client);
    await().atMost(PATIENCE).until(() -> count(client) > before + 20);
    assertThat(pool.client.task(client).state()).isEqualTo(TaskState.RUNNING);
  }

  private int count(String task) throws InterruptedException {
    Matcher number = Pattern.compile("^(\\d+)$", Pattern.MULTILINE).matcher(pool.written(task));
    int last = 0;
    while (number.find()) {
      last = Integer.parseInt(number.group(1));
    }
    return last;
  }

  @Test
  void anAddressChangesWhileAllRunsAndWhatIsTakenIsRefused() throws Exception {
    create("mynet", "--cidr", "10.7.0.0/24");
    String web = task("web", "p1", "mynet=10.7.0.80", SERVER);
    listening(web);
    CommandLine.Result taken = cli.run("run", "--net", "mynet=10.7.0.80", "--", "true");
    assertThat(taken.status()).isEqualTo(125);
    assertThat(taken.err()).contains("belongs to another member").contains("hint:");
    assertThat(cli.run("run", "--net", "nonet", "--", "true").err())
        .contains("there is no network 'nonet'");
    assertThat(cli.run("net", "remove", "mynet").status()).isEqualTo(5);

    CommandLine.Result moved = cli.run("net", "address", "mynet", "web", "10.7.0.90");
    assertThat(moved.status()).as(moved.err()).isZero();
    JsonNode members = cli.run("net", "members", "mynet", "-o", "json").json();
    assertThat(members.findValuesAsText("v4")).containsExactly("10.7.0.90");
    String client = task("client", "p2", "mynet", FETCH, "10.7.0.90", "60");
    assertThat(pool.client.task(client, PATIENCE).exitCode()).as(pool.output(client)).isZero();
    String byName = task("byname", "p2", "mynet", FETCH, "web", "60");
    assertThat(pool.client.task(byName, PATIENCE).exitCode()).as(pool.output(byName)).isZero();
    assertThat(pool.client.task(web).state()).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void whatEndsAndWhatIsRemovedLeavesNothing() throws Exception {
    create("mynet");
    String web = task("web", "p1", "mynet", SERVER);
    listening(web);
    assertThat(pool.client.privateNetworks().members("mynet"))
        .extracting(MemberView::name)
        .containsExactly("web");
    assertThat(keys(0)).hasSize(1);
    assertThat(cli.run("stop", "--wait", "web").status()).isZero();
    assertThat(pool.client.privateNetworks().members("mynet")).isEmpty();
    await().atMost(PATIENCE).until(() -> keys(0).isEmpty());
    assertThat(cli.run("net", "remove", "mynet").status()).isZero();
    assertThat(cli.run("net", "list", "-q").out()).isEmpty();
    assertThat(cli.run("net", "show", "mynet").status()).isEqualTo(3);
  }

  private List<Path> keys(int provider) throws IOException {
    Path keys = pool.providers.get(provider).dataDir().resolve("networks");
    try (Stream<Path> files = Files.list(keys)) {
      return files.filter(file -> file.toString().endsWith(".key")).toList();
    }
  }
}
