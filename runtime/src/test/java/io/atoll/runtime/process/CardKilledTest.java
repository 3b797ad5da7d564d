package io.atoll.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.CardWire;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Networked;
import io.atoll.runtime.driver.Recovered;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A daemon that has the card of a payload in its hands is killed: the supervisor still has it, and
/// hands the very same device to the next.
@Tag("real")
@Timeout(180)
@EnabledOnOs(OS.LINUX)
class CardKilledTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  @TempDir Path folder;

  /// The victim. Arguments: the supervisor, the folder of runs, the run's id.
  public static void main(String[] args) throws Exception {
    Path runs = Path.of(args[1]);
    ProcessDriver driver = new ProcessDriver(ProcessSettings.of(Path.of(args[0]), runs));
    ActivitySpec spec = spec(runs, RunId.parse(args[2]));
    NetworkCard card = spec.cards().getFirst();
    Activity activity = driver.prepare(spec).start();
    try (CardWire wire = CardWire.of(card, ((Networked) activity).end(card.network()))) {
      boolean pings = wire.pings(card.gateway4(), card.v4(), PATIENCE);
      Files.writeString(runs.resolveSibling("network"), card.network() + " " + pings);
      System.out.println("ready");
      Thread.sleep(60_000);
    }
  }

  private static ActivitySpec spec(Path runs, RunId id) {
    String script = "while cat /proc/net/if_inet6 | sed 's/^/now /'; do sleep 0.05; done";
    ActivitySpec any = Escape.spec(runs, Workload.Isolation.SANDBOX, script, 1);
    return Escape.with(
        new ActivitySpec(id, any.workload(), runs.resolve(id.toString())), Escape.card());
  }

  @Test
  void theNextDaemonGetsTheSameDevice() throws Exception {
    Path runs = folder.resolve("runs");
    RunId id = Escape.spec(runs, Workload.Isolation.SANDBOX, "true", 1).id();
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                CardKilledTest.class.getName(),
                SupervisorBinary.path().toString(),
                runs.toString(),
                id.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(new String(victim.getInputStream().readNBytes(6))).isEqualTo("ready\n");
    String[] network = Files.readString(folder.resolve("network")).split(" ");
    assertThat(network[1]).isEqualTo("true");
    victim.destroyForcibly().waitFor(10, TimeUnit.SECONDS);

    ProcessDriver driver = new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs));
    ActivitySpec spec = spec(runs, id);
    NetworkCard card = spec.cards().getFirst();
    Activity found = ((Recovered.Found) driver.recover(spec)).activity();
    var end = ((Networked) found).end(new NetworkId(network[0]));
    try (CardWire wire = CardWire.of(card, end)) {
      assertThat(wire.pings(card.gateway4(), card.v4(), PATIENCE)).isTrue();
      assertThat(wire.pings(card.gateway6(), card.v6(), PATIENCE)).isTrue();
    }
    found.stop(Duration.ZERO);
    // It was never without its interface, and that was the same one all the time.
    assertThat(Escape.text(spec, OutputChunk.Stream.STDOUT).lines())
        .filteredOn(line -> line.endsWith("net0"))
        .allMatch(line -> line.contains("fd000077000000000000000000000002 02 "))
        .isNotEmpty();
    found.destroy();
  }

  /// The card is in the supervisor: when that dies, so does the payload, and nothing is left.
  @Test
  void aLostSupervisorTakesTheCardWithIt() throws Exception {
    Path runs = folder.resolve("runs");
    ProcessDriver driver = new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs));
    ActivitySpec spec =
        Escape.with(Escape.spec(runs, Workload.Isolation.SANDBOX, "sleep 60", 1), Escape.card());
    Activity activity = driver.prepare(spec).start();
    ProcessHandle supervisor =
        ProcessHandle.allProcesses()
            .filter(p -> p.info().commandLine().orElse("").endsWith(spec.folder().toString()))
            .findFirst()
            .orElseThrow();
    supervisor.destroyForcibly();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(activity.state()).isEqualTo(Activity.State.TERMINATED));
    assertThatThrownBy(() -> ((Networked) activity).end(spec.cards().getFirst().network()))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    BadDayTest.assertNothingLeft(spec);
    activity.destroy();
  }
}
