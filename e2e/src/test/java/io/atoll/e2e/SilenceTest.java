package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.TaskState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Silence is not death: a node that stands still beyond its lease, and a hub that is away beyond
/// it, lose no task that is to be kept.
@Tag("real")
class SilenceTest {
  @TempDir Path temp;
  private Pool pool;
  private Payloads payloads;

  @BeforeEach
  void start() throws Exception {
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
    Path folder = temp.resolve("witness");
    Witness witness = new Witness(folder);
    pool = Pool.start(temp, 2, "--allow-unsandboxed", "--share-cpus", "4");
    payloads = new Payloads(pool, witness, folder);
  }

  @AfterEach
  void stop() {
    pool.close();
  }

  private List<String> running(String label, double seconds) throws InterruptedException {
    List<String> ids = new ArrayList<>();
    for (String node : List.of("p1", "p2")) {
      ids.addAll(payloads.submit(5, new Payloads.Kind(label, node, "0.1", seconds)));
    }
    for (String id : ids) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    return ids;
  }

  @Test
  void aNodeThatStandsStillLosesNothing() throws Exception {
    List<String> ids = running("over", 30);
    ids.addAll(running("ends-meanwhile", 8));
    DaemonProcess frozen = pool.providers.getLast();
    frozen.freeze();
    try {
      Thread.sleep(20_000);
      assertThat(pool.client.node("p2").state()).isEqualTo("LOST");
      for (String id : ids) {
        assertThat(payloads.ended(id) || payloads.runs(id)).isTrue();
      }
    } finally {
      frozen.thaw();
    }
    pool.awaitOnline(2);
    judge("a node stood still for 20 s");
  }

  @Test
  void aHubThatWasAwayJudgesNobody() throws Exception {
    running("over", 45);
    running("ends-meanwhile", 8);
    pool.hub.kill9();
    Thread.sleep(30_000);
    pool.hub.start();
    pool.awaitOnline(2);
    judge("the hub was away for 30 s");
  }

  private void judge(String what) throws Exception {
    List<String> wrong = payloads.verdict(Duration.ofSeconds(60));
    List<String> judged = payloads.judgedLost();
    System.out.println(
        what
            + ": "
            + payloads.count()
            + ", wrong: "
            + wrong.size()
            + ", judged lost: "
            + judged.size());
    assertThat(wrong).isEmpty();
    assertThat(judged).isEmpty();
  }
}
