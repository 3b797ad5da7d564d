package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskState;
import io.atoll.market.activity.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Done-when: daemons are replaced by the next build and by the one before while tasks run: 0 tasks
/// disturbed. Hub and provider understand each other if they are one version of the protocol apart,
/// and say so plainly if they are two apart.
@Tag("real")
class UpgradeTest {
  @TempDir Path temp;
  private Pool pool;
  private Payloads payloads;
  private OtherBuild today;
  private OtherBuild next;
  private OtherBuild afterNext;

  @BeforeEach
  void start() throws Exception {
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
    Path folder = temp.resolve("witness");
    Witness witness = new Witness(folder);
    pool = Pool.start(temp, 2, "--allow-unsandboxed", "--share-cpus", "4");
    payloads = new Payloads(pool, witness, folder);
    today = OtherBuild.none();
    next = OtherBuild.make(temp, "90.0.0", new Versions(1, 2));
    afterNext = OtherBuild.make(temp, "91.0.0", new Versions(2, 3));
  }

  @AfterEach
  void stop() {
    pool.close();
  }

  @Test
  void upgradesAndTheWayBackDisturbNoTask() throws Exception {
    DaemonProcess p1 = pool.providers.getFirst();
    DaemonProcess p2 = pool.providers.getLast();
    List<String> over = new ArrayList<>();
    for (String node : List.of("p1", "p2")) {
      over.addAll(payloads.submit(5, new Payloads.Kind("over", node, "0.1", 60)));
    }
    for (String id : over) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    AtomicBoolean loading = new AtomicBoolean(true);
    Thread load =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (int i = 0; loading.get(); i++) {
                      String node = i % 2 == 0 ? "p1" : "p2";
                      payloads.submit(new Payloads.Kind("load", node, "0.05", 0.2 + i % 5));
                      Thread.sleep(150);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    int replaced = 0;
    for (DaemonProcess daemon : List.of(pool.hub, p1, p2)) {
      replace(daemon, next);
      replaced++;
    }
    assertThat(pool.client.version().version()).isEqualTo("90.0.0");
    assertThat(pool.client.nodes()).allMatch(node -> node.version().equals("90.0.0"));
    assertThat(over).noneMatch(payloads::ended);
    for (DaemonProcess daemon : List.of(pool.hub, p2, p1)) {
      replace(daemon, today);
      replaced++;
    }
    for (DaemonProcess daemon : List.of(p1, p2, pool.hub)) {
      replace(daemon, next);
      replaced++;
    }
    for (DaemonProcess daemon : List.of(p2, pool.hub, p1)) {
      replace(daemon, today);
      replaced++;
    }
    loading.set(false);
    load.join();
    List<String> wrong = payloads.verdict(Duration.ofSeconds(90));
    System.out.println(
        "upgrade: "
            + replaced
            + " daemons replaced, "
            + payloads.count()
            + ", "
            + wrong.size()
            + " disturbed");
    assertThat(wrong).isEmpty();
    assertThat(payloads.judgedLost()).isEmpty();
  }

  private void replace(DaemonProcess daemon, OtherBuild build) throws Exception {
    build.replace(daemon);
    pool.awaitOnline(2);
    Thread.sleep(500);
  }

  @Test
  void neighboursUnderstandEachOtherAndOthersSayWhyNot() throws Exception {
    DaemonProcess p1 = pool.providers.getFirst();
    DaemonProcess p2 = pool.providers.getLast();

    next.replace(pool.hub); // 1 to 2, the nodes 1
    runsOn("p1", "p2");
    next.replace(p1);
    today.replace(pool.hub); // 1, p1 1 to 2
    runsOn("p1", "p2");

    List<String> cutOff = payloads.submit(2, new Payloads.Kind("cut-off", "p2", "0.1", 12));
    for (String id : cutOff) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    afterNext.replace(pool.hub); // 2 to 3: p1 may, p2 may not
    runsOn("p1");
    String why = "speaks version 1 of the protocol, the hub (Atoll 91.0.0) versions 2 to 3";
    String remedy = "upgrade the node to Atoll 91.0.0";
    awaitSaid(pool.hub, why, remedy);
    awaitSaid(p2, why, remedy);

    today.replace(pool.hub); // 1
    afterNext.replace(p1); // 2 to 3
    why = "(Atoll 91.0.0) speaks versions 2 to 3 of the protocol, the hub";
    remedy = "upgrade the hub to Atoll 91.0.0, or take the node back";
    awaitSaid(pool.hub, why, remedy);
    awaitSaid(p1, why, remedy);
    runsOn("p2");
    today.replace(p1);
    runsOn("p1", "p2");
    assertThat(payloads.verdict(Duration.ofSeconds(60))).isEmpty();
    assertThat(payloads.judgedLost()).isEmpty();
  }

  private void runsOn(String... nodes) throws InterruptedException {
    List<String> ids = new ArrayList<>();
    for (String node : nodes) {
      ids.addAll(payloads.submit(2, new Payloads.Kind("short", node, "0.1", 0.4)));
    }
    payloads.awaitEnded(ids);
  }

  private static void awaitSaid(DaemonProcess daemon, String... words) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(log(daemon)).contains(words));
  }

  private static String log(DaemonProcess daemon) throws IOException {
    return Files.readString(daemon.log());
  }
}
