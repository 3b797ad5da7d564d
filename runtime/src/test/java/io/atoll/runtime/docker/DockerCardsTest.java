package io.atoll.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.OutputChunk.Stream;
import io.atoll.core.term.Port;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.CardWire;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Networked;
import io.atoll.runtime.driver.Readdressable;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.process.SupervisorBinary;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A container that waits for its cards is otherwise what it would be without, and its cards are
/// kept through what happens to keepers, daemons and engines.
@Tag("real")
@Timeout(300)
class DockerCardsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();
  @RegisterExtension static final DockerEngine LIVING = DockerEngine.withLiveRestore();

  @TempDir Path folder;
  private DockerDriver driver;

  @BeforeEach
  void begin() throws Exception {
    TestImages.make(ENGINE, "tools:1");
    driver = DockerRuns.driverWithCards(ENGINE, "cards");
  }

  @AfterEach
  void end() {
    driver.close();
  }

  private ActivitySpec spec(String image, String... command) {
    return DockerRuns.withCard(new DockerRuns(folder).spec(image, command));
  }

  private String said(ActivitySpec spec) throws Exception {
    Activity activity = driver.prepare(spec).start();
    assertThat(activity.await()).isEqualTo(Exit.of(0));
    String out = DockerRuns.text(spec, Stream.STDOUT);
    activity.destroy();
    return out;
  }

  /// The same image with and without cards says the same of itself.
  @Test
  void theImageIsObeyedAsWithoutCards() throws Exception {
    String show =
        "echo \"$0 $*\"; id; pwd; env | sort; grep -E '^(Cap|NoNew|Seccomp)' /proc/self/status";
    TestImages.make(
        ENGINE,
        "obeyed:1",
        "ENTRYPOINT [\"sh\", \"-c\", \"" + show.replace("\"", "\\\"") + "\", \"entry\"]",
        "CMD [\"given\", \"by the image\"]",
        "USER somebody",
        "WORKDIR /var",
        "ENV PATH=/bin",
        "ENV OWN=1");
    for (String[] command : new String[][] {{}, {"of", "the task"}}) {
      ActivitySpec plain = new DockerRuns(folder).spec("obeyed:1", command);
      assertThat(said(spec("obeyed:1", command)).replaceAll("HOSTNAME=.*", ""))
          .isEqualTo(said(plain).replaceAll("HOSTNAME=.*", ""))
          .contains(
              "uid=1234", "/var\n", "OWN=1", command.length == 0 ? "by the image" : "the task");
    }
  }

  @Test
  void aProgramThatIsNotThereOrIsNoneIsToldAsWithoutCards() throws Exception {
    for (String[] each : new String[][] {{"no-such-program", "127"}, {"/etc/passwd", "126"}}) {
      ActivitySpec spec = spec("tools:1", each[0], "argument");
      Activity activity = driver.prepare(spec).start();
      Exit exit = activity.await();
      assertThat(exit.cause()).isEqualTo(Exit.Cause.START_FAILED);
      assertThat(exit.code()).isEqualTo(Integer.parseInt(each[1]));
      assertThat(exit.detail()).contains(each[0]);
      activity.destroy();
    }
  }

  @Test
  void portsAndCardsTogetherAreRefused() throws Exception {
    ActivitySpec ports =
        DockerRuns.withCard(
            new DockerRuns(folder)
                .spec("tools:1", Map.of(), List.of(Port.parse("80")), false, "true"));
    assertThatThrownBy(() -> driver.prepare(ports))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
              assertThat(e.hint()).contains("atoll forward");
            });
    assertThat(ports.folder()).doesNotExist();
  }

  @Test
  void withoutAKeeperCardsAreRefused() throws Exception {
    try (DockerDriver without = DockerRuns.driver(ENGINE, "none")) {
      ActivitySpec spec = spec("tools:1", "true");
      assertThatThrownBy(() -> without.prepare(spec))
          .isInstanceOfSatisfying(
              DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DRIVER_CANNOT))
          .hasMessageContaining("containers cannot join networks on this node");
      assertThat(without.fingerprint().findings())
          .anyMatch(
              found -> found.what().equals("networks") && found.level() == Finding.Level.LIMITED);
    }
    assertThat(driver.fingerprint().findings())
        .anyMatch(found -> found.what().equals("networks") && found.level() == Finding.Level.OK);
  }

  @Test
  void aKeeperThatDiesIsReplaced() throws Exception {
    ActivitySpec spec = spec("tools:1", "sleep", "1000");
    NetworkCard card = spec.cards().getFirst();
    Activity activity = driver.prepare(spec).start();
    NetworkCard moved = card.at(card.v4().plus(9), card.v6().plus(9));
    ((Readdressable) activity).readdress(moved);
    try (CardWire before = wire(activity, card)) {
      assertThat(before.pings(card.gateway4(), moved.v4(), PATIENCE)).isTrue();
      ProcessHandle first = keeper(spec);
      first.destroyForcibly();
      await().atMost(PATIENCE).until(() -> !first.isAlive());
      // The daemon still has the device of the dead one: the new one takes its place.
      try (CardWire wire = wire(activity, card)) {
        assertThat(wire.pings(card.gateway4(), moved.v4(), PATIENCE)).isTrue();
        assertThat(wire.pings(card.gateway6(), moved.v6(), PATIENCE)).isTrue();
      }
    }
    ProcessHandle second = keeper(spec);
    activity.destroy();
    await().atMost(PATIENCE).until(() -> !second.isAlive());
  }

  /// The daemon died between the start of the container and its keeper's.
  @Test
  void aContainerThatWaitsIsHelpedByTheNextDaemon() throws Exception {
    ActivitySpec spec = spec("tools:1", "sh", "-c", "echo began; sleep 1000");
    NetworkCard card = spec.cards().getFirst();
    driver.prepare(spec);
    new RunFolder(spec.folder()).markStarting();
    ENGINE.docker("start", "atoll-cards-" + spec.id());
    driver.close();
    assertThat(keepers(spec)).isEmpty();
    driver = DockerRuns.driverWithCards(ENGINE, "cards");
    Activity found = ((Recovered.Found) driver.recover(spec)).activity();
    try (CardWire wire = wire(found, card)) {
      assertThat(wire.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
    }
    await().atMost(PATIENCE).until(() -> DockerRuns.text(spec, Stream.STDOUT).equals("began\n"));
    found.destroy();
  }

  /// The victim of the next test. Arguments: engine, folder of runs, run, supervisor.
  public static void main(String[] args) throws Exception {
    DockerDriver doomed =
        new DockerDriver(
            DockerSettings.loopback(URI.create(args[0]), "cards").withSupervisor(Path.of(args[3])),
            (image, line) -> {});
    ActivitySpec spec = sleeping(Path.of(args[1]), RunId.parse(args[2]));
    NetworkCard card = spec.cards().getFirst();
    Activity activity = doomed.prepare(spec).start();
    try (CardWire wire = wire(activity, card)) {
      boolean pings = wire.pings(card.gateway4(), card.v4(), PATIENCE);
      System.out.println("ready " + card.network() + " " + pings);
      Thread.sleep(60_000);
    }
  }

  private static ActivitySpec sleeping(Path runs, RunId id) {
    ActivitySpec any = new DockerRuns(runs).spec("tools:1", "sleep", "1000");
    return DockerRuns.withCard(new ActivitySpec(id, any.workload(), runs.resolve(id.toString())));
  }

  @Test
  void aKilledDaemonsKeeperGoesOn() throws Exception {
    RunId id = new DockerRuns(folder).spec("tools:1", "true").id();
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                DockerCardsTest.class.getName(),
                ENGINE.address().toString(),
                folder.toString(),
                id.toString(),
                SupervisorBinary.path().toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = "";
    try (BufferedReader out = victim.inputReader()) {
      while (!said.startsWith("ready ")) {
        said = out.readLine();
        assertThat(said).as("the victim came up").isNotNull();
      }
      victim.destroyForcibly().waitFor();
    }
    assertThat(said).endsWith(" true");
    ActivitySpec spec = sleeping(folder, id);
    NetworkCard card = spec.cards().getFirst();
    ProcessHandle keeper = keeper(spec);
    Activity found = ((Recovered.Found) driver.recover(spec)).activity();
    var end = ((Networked) found).end(new NetworkId(said.split(" ")[1]));
    try (CardWire wire = CardWire.of(card, end)) {
      assertThat(wire.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
      assertThat(wire.pings(card.gateway6(), card.v6(), PATIENCE)).isTrue();
    }
    assertThat(keepers(spec)).containsExactly(keeper);
    found.destroy();
  }

  /// Where the engine has no init, ours is the first process, which gets no signal by default.
  @Test
  void theFirstProcessOfAContainerHearsSignalsWhileItWaits() throws Exception {
    String name = "cards-first-" + System.nanoTime();
    String program = SupervisorBinary.path().toString();
    ENGINE.docker(
        "run",
        "--detach",
        "--name",
        name,
        "--network",
        "none",
        "--mount",
        "type=bind,readonly,source=" + program + ",target=/enter",
        "--entrypoint",
        "/enter",
        "tools:1",
        "--enter",
        "/no/door",
        "true");
    long begin = System.nanoTime();
    ENGINE.docker("stop", "--time", "60", name);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    assertThat(ENGINE.docker("inspect", "--format", "{{.State.ExitCode}}", name)).isEqualTo("143");
    ENGINE.docker("rm", "-f", name);
  }

  @Test
  void aWaitingContainerStopsAtOnce() throws Exception {
    ActivitySpec spec = spec("tools:1", "sleep", "1000");
    driver.prepare(spec);
    ENGINE.docker("start", "atoll-cards-" + spec.id());
    long begin = System.nanoTime();
    ENGINE.docker("stop", "--time", "60", "atoll-cards-" + spec.id());
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    ENGINE.docker("rm", "-f", "atoll-cards-" + spec.id());
  }

  @Test
  void anEngineThatGoesTakesItsContainersAndTheirCards() throws Exception {
    ActivitySpec spec = spec("tools:1", "sleep", "1000");
    NetworkCard card = spec.cards().getFirst();
    Activity activity = driver.prepare(spec).start();
    wire(activity, card).close();
    ProcessHandle keeper = keeper(spec);
    ENGINE.stop();
    await().atMost(PATIENCE).until(() -> !keeper.isAlive());
    ENGINE.restart();
    activity.await();
    assertThatThrownBy(() -> ((Networked) activity).end(card.network()))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    activity.destroy();
  }

  @Test
  void aCardStaysWhereContainersOutliveTheEngine() throws Exception {
    TestImages.make(LIVING, "tools:1");
    try (DockerDriver living = DockerRuns.driverWithCards(LIVING, "cards")) {
      ActivitySpec spec = spec("tools:1", "sleep", "1000");
      NetworkCard card = spec.cards().getFirst();
      Activity activity = living.prepare(spec).start();
      try (CardWire wire = wire(activity, card)) {
        LIVING.stop();
        assertThat(wire.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
        // Also for one who asks only now: nobody needs the engine for it.
        try (CardWire again = wire(activity, card)) {
          assertThat(again.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
        }
        LIVING.restart();
        assertThat(wire.pings(card.gateway6(), card.v6(), PATIENCE)).isTrue();
      }
      activity.destroy();
    }
  }

  private static CardWire wire(Activity activity, NetworkCard card) throws Exception {
    return CardWire.of(card, ((Networked) activity).end(card.network()));
  }

  private static List<ProcessHandle> keepers(ActivitySpec spec) {
    Predicate<ProcessHandle> its =
        p -> p.info().commandLine().orElse("").contains("--cards " + spec.folder());
    return ProcessHandle.allProcesses().filter(its).toList();
  }

  private static ProcessHandle keeper(ActivitySpec spec) {
    assertThat(keepers(spec)).hasSize(1);
    return keepers(spec).getFirst();
  }
}
