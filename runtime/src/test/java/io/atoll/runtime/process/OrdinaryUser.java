package io.atoll.runtime.process;

import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.CardWire;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Enterable;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Networked;
import io.atoll.runtime.driver.Readdressable;
import io.atoll.runtime.driver.Recovered;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// The program of a daemon's side without privileges: started by a test as another user, it prints
/// what it saw, one fact a line. Arguments: the supervisor, a folder for runs.
public final class OrdinaryUser {
  private OrdinaryUser() {}

  public static void main(String[] args) throws Exception {
    Path runs = Path.of(args[1]);
    ProcessSettings settings = ProcessSettings.of(Path.of(args[0]), runs);
    ProcessDriver driver = new ProcessDriver(settings);
    driver
        .fingerprint()
        .findings()
        .forEach(
            f -> System.out.println("finding " + f.what() + " " + f.level() + " " + f.cause()));
    System.out.println("available " + driver.fingerprint().available());
    System.out.print(Escape.attempt(driver, runs));
    joinANetwork(driver, runs);
    refuseBare(driver, runs);
    suspend(driver, runs);
    loseSupervisor(driver, runs, Workload.Isolation.SANDBOX);
    ProcessDriver bare = new ProcessDriver(settings.withBare(true));
    loseSupervisor(bare, runs, Workload.Isolation.BARE);
    System.out.println("done");
  }

  private static void joinANetwork(ProcessDriver driver, Path runs) throws Exception {
    NetworkCard card = Escape.card();
    ActivitySpec spec =
        Escape.with(Escape.spec(runs, Workload.Isolation.SANDBOX, "sleep 60", 1), card);
    Activity activity;
    try {
      activity = driver.prepare(spec).start();
    } catch (DriverException e) {
      System.out.println("networks " + e.code() + ": " + e.text() + "; " + e.hint());
      return;
    }
    Duration patience = Duration.ofSeconds(30);
    Networked networked = (Networked) activity;
    try (CardWire wire = CardWire.of(card, networked.end(card.network()))) {
      String seen = interfacesBeside(activity, spec);
      System.out.println(
          "card pings " + wire.pings(card.gateway4(), card.v4(), patience) + ", beside " + seen);
      NetworkCard moved = card.at(card.v4().plus(7), card.v6().plus(7));
      Activity again = ((Recovered.Found) driver.recover(spec)).activity();
      ((Readdressable) again).readdress(moved);
      System.out.println("moved card pings " + wire.pings(card.gateway6(), moved.v6(), patience));
    }
    System.out.print(Escape.attempt(driver, runs, Workload.Isolation.SANDBOX, card));
    activity.destroy();
  }

  /// What a command beside the payload sees.
  private static String interfacesBeside(Activity activity, ActivitySpec spec) throws Exception {
    Path out = spec.folder().resolve("work/seen");
    ((Enterable) activity)
        .exec(
            new ExecSpec(
                "interfaces",
                List.of("sh", "-c", "cut -s -d: -f1 /proc/net/dev >made; mv made seen"),
                Map.of(),
                null));
    until(() -> Files.exists(out));
    return Files.readString(out).replaceAll("\\s+", " ").strip();
  }

  private static void refuseBare(ProcessDriver driver, Path runs) throws Exception {
    try {
      driver.prepare(Escape.spec(runs, Workload.Isolation.BARE, "true", 0)).close();
      System.out.println("bare allowed");
    } catch (DriverException e) {
      System.out.println("bare " + e.code() + ": " + e.text() + "; " + e.hint());
    }
  }

  private static void suspend(ProcessDriver driver, Path runs) throws Exception {
    ActivitySpec spec =
        Escape.spec(runs, Workload.Isolation.SANDBOX, "while :; do echo x; sleep 0.02; done", 1);
    Activity activity = driver.prepare(spec).start();
    until(() -> size(spec) > 0);
    activity.suspend();
    Thread.sleep(100);
    long before = size(spec);
    Thread.sleep(400);
    boolean still = size(spec) == before;
    Activity again = ((Recovered.Found) driver.recover(spec)).activity();
    boolean seen = again.state() == Activity.State.SUSPENDED;
    again.resume();
    until(() -> size(spec) > before);
    again.stop(Duration.ofSeconds(5));
    System.out.println("suspend " + still + " " + seen + " " + again.await().cause());
    again.destroy();
  }

  /// Kills the supervisor; nothing of the payload may stay.
  private static void loseSupervisor(ProcessDriver driver, Path runs, Workload.Isolation isolation)
      throws Exception {
    String mark = "61." + ProcessHandle.current().pid() + isolation.ordinal();
    ActivitySpec spec =
        Escape.spec(
            runs, isolation, "sleep " + mark + " & setsid sleep " + mark + " & echo x; wait", 0);
    Activity activity = driver.prepare(spec).start();
    until(() -> size(spec) > 0);
    ProcessHandle supervisor =
        ProcessHandle.allProcesses()
            .filter(p -> p.info().commandLine().orElse("").contains(spec.folder().toString()))
            .findFirst()
            .orElseThrow();
    supervisor.destroyForcibly();
    Exit exit = activity.await();
    long left =
        ProcessHandle.allProcesses()
            .filter(p -> p.info().commandLine().orElse("").contains("sleep " + mark))
            .count();
    System.out.println("lost " + isolation + " " + exit.cause() + " left " + left);
    activity.destroy();
  }

  private static long size(ActivitySpec spec) {
    try {
      return Files.exists(spec.folder().resolve("out.0"))
          ? Escape.text(spec, OutputChunk.Stream.STDOUT).length()
          : 0;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 3000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
  }
}
