package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.api.TaskState;
import io.atoll.e2e.CommandLine.Result;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `up`, `join`, `hub`, `backup` and `restore` as processes: how a daemon starts, what it says when
/// it cannot, how it ends, and what it finds again.
@Tag("real")
@Timeout(300)
class UpTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path temp;
  private final List<DaemonProcess> daemons = new ArrayList<>();
  private CommandLine cli;

  @BeforeEach
  void start() {
    cli = CommandLine.ofThisUser(temp);
  }

  @AfterEach
  void stop() {
    daemons.forEach(DaemonProcess::close);
  }

  private DaemonProcess up(String name, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("--api", "127.0.0.1:0"));
    if (!List.of(arguments).contains("--listen")) {
      all.addAll(List.of("--listen", "/ip4/127.0.0.1/tcp/0"));
    }
    all.addAll(List.of(arguments));
    DaemonProcess daemon = new DaemonProcess(temp.resolve(name), all);
    daemons.add(daemon);
    return daemon.start();
  }

  private DaemonProcess hub() throws Exception {
    // The same port at its next start: a provider dials where it joined.
    return up("hub", "--hub", "--listen", "/ip4/127.0.0.1/tcp/" + Pool.freePort());
  }

  private Result at(DaemonProcess daemon, String... arguments) throws Exception {
    return cli.with("ATOLL_DATA_DIR", daemon.dataDir().toString()).run(arguments);
  }

  private static HubClient client(DaemonProcess daemon) throws Exception {
    String key = daemon.key();
    return new HubClient(() -> new HubLocation(URI.create(daemon.api()), key, "test"));
  }

  private String invite(DaemonProcess hub, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of("invite", "create", "-q"));
    words.addAll(List.of(more));
    return at(hub, words.toArray(String[]::new)).word();
  }

  private static void refused(Result result, int status, String... words) {
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains(words).contains("hint: ").doesNotContain("Exception");
  }

  @Test
  void whatIsInTheWayIsNamed() throws Exception {
    int port = Pool.freePort();
    DaemonProcess hub = up("hub", "--hub", "--listen", "/ip4/127.0.0.1/tcp/" + port);
    String pid = String.valueOf(hub.pid());
    String free = "/ip4/127.0.0.1/tcp/0";
    Path other = temp.resolve("other");
    CommandLine there = cli.with("ATOLL_DATA_DIR", other.toString());
    refused(
        at(hub, "up", "--provider", "--api", "127.0.0.1:0", "--listen", free),
        5,
        hub.dataDir().toString(),
        "pid " + pid);
    refused(
        there.run("up", "--api", "127.0.0.1:0", "--listen", "/ip4/127.0.0.1/tcp/" + port),
        5,
        "/ip4/127.0.0.1/tcp/" + port,
        "process " + pid,
        "--listen");
    String api = hub.api().substring("http://".length());
    refused(there.run("up", "--api", api, "--listen", free), 5, api, "process " + pid, "--api");
    refused(at(hub, "restore", api), 5, "pid " + pid);
    // A start that failed leaves nothing that holds the folder.
    up("other", "--hub").close();
  }

  @Test
  void wrongWordsAreRefusedBeforeAnythingStarts() throws Exception {
    CommandLine there = cli.with("ATOLL_DATA_DIR", temp.resolve("none").toString());
    refused(there.run("up", "--listen", "7464"), 2, "listen is '7464'", "/tcp/PORT");
    refused(there.run("up", "--listen", "/ip4/127.0.0.1/udp/1"), 2, "--listen");
    refused(there.run("up", "--api", "127.0.0.1:99999"), 2, "api is '127.0.0.1:99999'");
    refused(there.run("up", "--share-memory", "lots"), 2, "'lots'");
    refused(there.run("up", "--share-cpus", "-1"), 2, "'-1'");
    refused(there.run("up", "--join", "atoll-invite-x"), 4, "not a whole invite");
    refused(there.run("up", "--hub", "--join", "atoll-invite-x"), 2, "--join is for a provider");
    refused(there.run("up", "--name", "a b"), 2, "name is 'a b'");
    refused(there.with("GOLEM_PROVIDER_NAME", "a b").run("up"), 2, "GOLEM_PROVIDER_NAME");
    refused(there.with("ATOLL_ALLOW_EGRESS", "perhaps").run("up"), 2, "ATOLL_ALLOW_EGRESS");
    assertThat(temp.resolve("none")).doesNotExist();
  }

  @Test
  void aMissingOrForeignSupervisorIsNamed() throws Exception {
    Path foreign = temp.resolve("foreign");
    byte[] program = Files.readAllBytes(DaemonProcess.supervisor());
    program[18] = (byte) (program[18] == 62 ? 183 : 62);
    Files.write(foreign, program);
    Files.setPosixFilePermissions(foreign, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (Path supervisor : List.of(foreign, temp.resolve("gone"))) {
      List<String> java = new ArrayList<>(cli.java());
      java.replaceAll(w -> w.startsWith("-Datoll.supervisor=") ? supervisorIs(supervisor) : w);
      CommandLine broken =
          new CommandLine(java, cli.environment())
              .with("ATOLL_DATA_DIR", temp.resolve("none").toString());
      refused(broken.run("up"), 1, "supervisor", supervisor.toString(), "dev build");
      Result doctor = broken.run("doctor");
      assertThat(doctor.status()).isEqualTo(1);
      assertThat(doctor.out()).contains("MISSING  program: ", supervisor.toString());
    }
  }

  private static String supervisorIs(Path program) {
    return "-Datoll.supervisor=" + program;
  }

  @Test
  void aProviderJoinsWorksAndLeaves() throws Exception {
    DaemonProcess hub = hub();
    DaemonProcess provider = up("p", "--provider");
    String hubId = hub.bound().get("peerId").asText();
    String invite = invite(hub);
    refused(at(provider, "join", invite(hub, "--role", "app")), 4, "is for an app", "app redeem");
    refused(at(hub, "app", "redeem", invite), 4, "is for a provider", "atoll join");
    refused(at(hub, "join", invite), 3, "no provider");
    refused(at(provider, "join", invite.substring(0, 40)), 4, "not a whole invite");
    refused(
        cli.with("ATOLL_DATA_DIR", temp.resolve("none").toString()).run("join", invite),
        8,
        "no daemon runs",
        "atoll up --provider --join");
    JsonNode joined = at(provider, "join", "-o", "json", invite).json();
    assertThat(joined.get("id").asText()).isEqualTo(hubId);
    // What was acknowledged survives, and the same invite again is no failure.
    provider.kill9();
    provider.start();
    assertThat(at(provider, "join", "-q", invite).word()).isEqualTo(hubId);
    await().atMost(SOON).until(() -> client(provider).hubs().getFirst().connected());
    assertThat(at(provider, "hub", "list").out()).contains(hubId, "connected");
    Result run = at(hub, "run", "--", "/bin/echo", "hello");
    assertThat(run.out()).as(run.err()).isEqualTo("hello\n");
    String mark = "31" + (System.nanoTime() % 1_000_000_000L);
    at(hub, "run", "-d", "--name", "long", "--", "/bin/sleep", mark);
    await().atMost(SOON).until(() -> runs(mark));
    assertThat(at(provider, "hub", "leave", hubId).status()).isZero();
    await().atMost(SOON).until(() -> !runs(mark));
    assertThat(at(provider, "hub", "list", "-q").out()).isEmpty();
  }

  /// Whether a program with this word among its arguments runs.
  private static boolean runs(String mark) throws Exception {
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try {
          List<String> words = List.of(Files.readString(process.resolve("cmdline")).split("\0"));
          if (words.size() == 2 && words.get(1).equals(mark)) {
            return true;
          }
        } catch (java.io.IOException e) {
          // gone meanwhile
        }
      }
    }
    return false;
  }

  @Test
  void killedRightAfterTheReadyLineItRemembersItsHub() throws Exception {
    DaemonProcess hub = hub();
    DaemonProcess first = up("p", "--provider", "--join", invite(hub));
    first.kill9();
    DaemonProcess provider = up("p", "--provider");
    await().atMost(SOON).until(() -> client(provider).hubs().getFirst().connected());
  }

  /// As with a unit file, which names its invite at every start.
  @Test
  void aProviderThatJoinedBeforeStartsWithoutItsHub() throws Exception {
    DaemonProcess hub = hub();
    String invite = invite(hub);
    up("p", "--provider", "--join", invite).close();
    hub.close();
    DaemonProcess provider = up("p", "--provider", "--join", invite);
    assertThat(client(provider).hubs()).hasSize(1);
    hub.start();
    await().atMost(SOON).until(() -> client(provider).hubs().getFirst().connected());
    refused(
        cli.with("ATOLL_DATA_DIR", temp.resolve("q").toString())
            .run("up", "--hub", "--provider", "--api", "nowhere:x"),
        2,
        "api is");
  }

  @Test
  void askedToEndItEndsSoonWithZeroAndFindsItsTasksAgain() throws Exception {
    DaemonProcess daemon = up("both", "--listen", "/ip4/127.0.0.1/tcp/" + Pool.freePort());
    HubClient client = client(daemon);
    for (String signal : List.of("TERM", "HUP", "INT")) {
      String mark = "32" + (System.nanoTime() % 1_000_000_000L);
      String task =
          client(daemon)
              .create(Requests.process(false, "/bin/sleep", mark), UUID.randomUUID().toString())
              .id()
              .text();
      await().atMost(SOON).until(() -> client(daemon).task(task).state() == TaskState.RUNNING);
      Process follower =
          cli.with("ATOLL_DATA_DIR", daemon.dataDir().toString()).start("logs", "-f", task);
      Process events =
          cli.with("ATOLL_DATA_DIR", daemon.dataDir().toString()).start("events", "-f");
      Thread.sleep(1500); // until they follow
      long began = System.nanoTime();
      signal(signal, daemon.pid());
      assertThat(daemon.awaitEnd(10)).isTrue();
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      System.out.println("SIG" + signal + ": ended after " + took.toMillis() + " ms");
      assertThat(took).as(signal).isLessThan(Duration.ofSeconds(2));
      assertThat(daemon.exitValue()).as(signal).isZero();
      assertThat(runs(mark)).as("the task goes on").isTrue();
      follower.destroyForcibly();
      events.destroyForcibly();
      daemon.start();
      await().atMost(SOON).until(() -> client(daemon).task(task).state() == TaskState.RUNNING);
      assertThat(client(daemon).task(task).events())
          .filteredOn(event -> event.type().equals("run.placed"))
          .hasSize(1);
      assertThat(runs(mark)).isTrue();
      client(daemon).stop(task);
      await().atMost(SOON).until(() -> !runs(mark));
    }
    assertThat(client).isNotNull();
    assertThat(Files.readString(daemon.log())).doesNotContain("\"ERROR\"", "\"WARN\"");
  }

  private static void signal(String name, long pid) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start();
    assertThat(kill.waitFor(5, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }

  @Test
  void aBackupIsRestoredAndTheTasksOfBothTimesAreKept() throws Exception {
    DaemonProcess hub = hub();
    DaemonProcess provider = up("p", "--provider", "--join", invite(hub));
    String mark = "33" + (System.nanoTime() % 1_000_000_000L);
    at(hub, "run", "-d", "--name", "kept", "--", "/bin/sleep", mark);
    await().atMost(SOON).until(() -> runs(mark));
    Path backup = temp.resolve("hub.backup");
    assertThat(at(hub, "backup", backup.toString()).status()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
        .isEqualTo("rw-------");
    refused(at(hub, "backup", backup.toString()), 5, "is there already");
    refused(at(hub, "backup", temp.resolve("no/b").toString()), 3, "there is no folder");
    refused(at(hub, "restore", backup.toString()), 5, "pid " + hub.pid());
    hub.close();
    refused(at(hub, "restore", temp.resolve("nothing").toString()), 3, "no such file");
    Path junk = Files.writeString(temp.resolve("junk"), "x".repeat(5000));
    refused(at(hub, "restore", junk.toString()), 2, "damaged or no Atoll store");
    JsonNode restored = at(hub, "restore", "-o", "json", backup.toString()).json();
    assertThat(restored.get("generation").asInt()).isPositive();
    assertThat(Path.of(restored.get("kept").asText())).exists();
    assertThat(restored.get("identity").asBoolean()).isTrue();
    int first = restored.get("generation").asInt();
    Result again = at(hub, "restore", backup.toString());
    assertThat(again.out()).contains("generation  " + (first + 1), "kept");
    assertThat(again.err()).contains("atoll up");
    hub.start();
    await().atMost(SOON).until(() -> client(hub).task("kept").state() == TaskState.RUNNING);
    await().atMost(SOON).until(() -> client(provider).hubs().getFirst().connected());
    assertThat(runs(mark)).isTrue();
    client(hub).stop("kept");
    await().atMost(SOON).until(() -> !runs(mark));
  }
}
