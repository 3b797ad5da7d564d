package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.api.InviteRequest;
import io.atoll.client.api.RedeemRequest;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.client.api.Waiting;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.sqlite.Restored;
import io.atoll.daemon.store.sqlite.SqliteStore;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.DirectoryStream;
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

/// Done-when: an old backup is restored while tasks of later times run, end, wait and are deleted:
/// 0 killed, 0 doubled.
@Tag("real")
class RestoreTest {
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

  private List<String> onBoth(int each, String label, String cpus, double seconds)
      throws InterruptedException {
    List<String> ids = new ArrayList<>();
    for (String node : List.of("p1", "p2")) {
      ids.addAll(payloads.submit(each, new Payloads.Kind(label, node, cpus, seconds)));
    }
    return ids;
  }

  private Path backup(String name) throws IOException {
    Path file = temp.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      pool.client.backup(out);
    }
    return file;
  }

  private Restored restore(Path backup) {
    return SqliteStore.restore(backup, pool.hub.dataDir());
  }

  private void judge(String what) throws Exception {
    List<String> wrong = payloads.verdict(Duration.ofSeconds(90));
    System.out.println(what + ": " + payloads.count() + ", wrong: " + wrong.size());
    assertThat(wrong).isEmpty();
  }

  @Test
  void noPayloadIsKilledOrBeginsTwice() throws Exception {
    List<String> endedBefore = onBoth(3, "ended-before", "0.1", 0.2);
    payloads.awaitEnded(endedBefore);
    List<String> over = onBoth(4, "over", "0.1", 40);
    List<String> between = onBoth(3, "ends-between", "0.1", 11);
    List<String> deletedRunning = onBoth(2, "deleted-running", "0.1", 60);
    List<String> blockers = onBoth(1, "blocker", "3.0", 9);
    for (String id : concat(over, between, deletedRunning, blockers)) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    List<String> queuedRun = onBoth(2, "queued-then-run", "0.5", 25);
    List<String> queuedEnded = onBoth(2, "queued-then-ended", "0.5", 0.4);
    List<String> queuedDeleted = onBoth(1, "queued-then-deleted", "0.4", 0.4);
    List<String> queuedStill = onBoth(1, "queued-still", "3.9", 0.4);
    for (String id : concat(queuedRun, queuedEnded, queuedDeleted, queuedStill)) {
      assertThat(pool.client.task(id).state()).isEqualTo(TaskState.QUEUED);
    }

    AtomicBoolean loading = new AtomicBoolean(true);
    List<String> early = new ArrayList<>();
    List<String> late = new ArrayList<>();
    AtomicBoolean backedUp = new AtomicBoolean();
    Thread load =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (int i = 0; loading.get(); i++) {
                      boolean before = !backedUp.get();
                      String node = i % 2 == 0 ? "p1" : "p2";
                      String id =
                          payloads.submit(new Payloads.Kind("load", node, "0.05", 0.2 + i % 4));
                      (before && !backedUp.get() ? early : late).add(id);
                      Thread.sleep(100);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    Thread.sleep(500);
    List<String> certain = List.copyOf(early);
    Path backup = backup("old.backup");
    backedUp.set(true);
    assertThat(blockers).allMatch(id -> !payloads.ended(id));

    payloads.awaitEnded(concat(between, blockers, queuedEnded, queuedDeleted));
    for (String id : queuedRun) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    for (String id : deletedRunning) {
      pool.client.stop(id);
    }
    payloads.awaitEnded(deletedRunning);
    for (String id : concat(deletedRunning, queuedDeleted)) {
      pool.client.delete(id);
    }
    payloads.expect(Payloads.Fate.DELETED, concat(deletedRunning, queuedDeleted));
    List<String> lateRunning = onBoth(3, "late-running", "0.1", 20);
    List<String> lateEnded = onBoth(2, "late-ended", "0.1", 0.4);
    payloads.awaitEnded(lateEnded);
    payloads.expect(Payloads.Fate.UNTOLD, lateEnded);
    for (String id : lateRunning) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    String lateKey =
        pool.client.redeem(
            new RedeemRequest(
                pool.client.createInvite(new InviteRequest("app", null)).invite(), "late"));
    int generation = pool.client.task(over.getFirst()).epoch().generation();
    loading.set(false);
    load.join();
    // Those of the load whose submission crossed the backup, or came after it, may be unknown
    // unless they still run.
    early.removeAll(certain);
    payloads.expect(Payloads.Fate.UNTOLD, early);
    payloads.expect(Payloads.Fate.UNTOLD, late);
    Thread.sleep(1500);
    pool.hub.kill9();
    Files.writeString(pool.hub.dataDir().resolve("cli.key"), lateKey + "\n");
    for (String id : late) {
      if (payloads.runs(id)) {
        payloads.expect(Payloads.Fate.TOLD, List.of(id));
      }
    }
    assertThat(concat(over, queuedRun, lateRunning)).allMatch(id -> !payloads.ended(id));

    Restored restored = restore(backup);
    assertThat(restored.highest().generation()).isGreaterThan(generation);
    pool.hub.start();
    assertThatThrownBy(() -> new HubClient(at(lateKey)).tasks(false, null, 1))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED));
    String localKey = pool.hub.key();
    assertThat(localKey).isNotEqualTo(lateKey);
    assertThat(new HubClient(at(localKey)).tasks(false, null, 1)).isNotNull();
    List<String> fresh = onBoth(2, "fresh", "0.1", 0.4);
    payloads.awaitEnded(fresh);
    assertThat(pool.client.task(fresh.getFirst()).epoch().generation()).isGreaterThan(generation);
    for (String id : concat(over, queuedRun, lateRunning)) {
      assertThat(pool.client.task(id).state().ended() && !payloads.ended(id))
          .as("%s is said to have ended while it runs", id)
          .isFalse();
    }
    judge("restore");
    for (String id : queuedDeleted) {
      assertThat(payloads.began(id)).as("deleted task %s", id).isEqualTo(1);
    }
  }

  private java.util.function.Supplier<HubLocation> at(String key) {
    return () -> new HubLocation(URI.create(pool.hub.api()), key, "test");
  }

  @Test
  void whatASilentNodeMayRunWaitsForItOrForItsRemoval() throws Exception {
    List<String> over = onBoth(2, "over", "0.1", 80);
    List<String> blockers = onBoth(1, "blocker", "3.5", 3);
    for (String id : concat(over, blockers)) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    List<String> queued = onBoth(2, "queued", "0.5", 60);
    Path backup = backup("old.backup");
    for (String id : queued) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    DaemonProcess silent = pool.providers.get(1);
    silent.kill9();
    pool.hub.kill9();
    int first = restore(backup).highest().generation();
    pool.hub.start();
    pool.awaitOnline(1);

    List<String> fresh = payloads.submit(2, new Payloads.Kind("fresh", "p1", "0.1", 0.4));
    payloads.awaitEnded(fresh);
    assertWaitsForP2(queued.getLast());
    silent.start();
    pool.awaitOnline(2);
    for (String id : queued) {
      payloads.awaitState(id, TaskState.RUNNING);
    }

    // The same backup once more: the node is down again, and this time it does not come back.
    silent.kill9();
    pool.hub.kill9();
    assertThat(restore(backup).highest().generation()).isGreaterThan(first);
    pool.hub.start();
    pool.awaitOnline(1);
    assertWaitsForP2(queued.getLast());
    // Its runs are given up, and its own tasks, that may run nowhere else, fail.
    payloads.expect(Payloads.Fate.GIVEN_UP, List.of(over.get(2), over.get(3)));
    payloads.expect(Payloads.Fate.GIVEN_UP, List.of(queued.get(2), queued.get(3)));
    payloads.expect(Payloads.Fate.UNTOLD, fresh);
    payloads.expect(Payloads.Fate.GIVEN_UP, List.of(blockers.get(1)));
    pool.client.forget("p2");
    await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                pool.client.task(queued.get(2)).state().ended()
                    && pool.client.task(over.get(2)).state().ended());
    assertThat(pool.client.task(queued.getFirst()).state()).isEqualTo(TaskState.RUNNING);
    List<String> after = payloads.submit(1, new Payloads.Kind("after", "p1", "0.1", 0.4));
    payloads.awaitEnded(after);
    silent.start();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Files.readString(silent.log()).contains("refused the session"));
    judge("restore with a silent node");
  }

  /// A node is online a moment before it has told all that it runs.
  private void assertWaitsForP2(String id) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              TaskView view = pool.client.task(id);
              assertThat(view.state()).isEqualTo(TaskState.QUEUED);
              Waiting waiting = view.waiting();
              assertThat(waiting).isNotNull();
              assertThat(waiting.summary()).contains("backup").contains("p2").doesNotContain("p1");
            });
  }

  @Test
  void providersKnowGenerationsThatTheBackupDoesNot() throws Exception {
    List<String> over = onBoth(2, "over", "0.1", 30);
    List<String> blockers = onBoth(1, "blocker", "3.5", 2);
    for (String id : concat(over, blockers)) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    List<String> queued = onBoth(1, "queued", "0.5", 20);
    Path backup = backup("old.backup");
    for (String id : queued) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    for (int i = 0; i < 3; i++) {
      pool.hub.kill9();
      restore(backup);
      pool.hub.start();
      pool.awaitOnline(2);
      List<String> fresh = onBoth(1, "fresh", "0.1", 0.2);
      payloads.awaitEnded(fresh);
      payloads.expect(Payloads.Fate.UNTOLD, fresh);
    }
    List<String> adopted = onBoth(1, "adopted", "0.1", 15);
    for (String id : adopted) {
      payloads.awaitState(id, TaskState.RUNNING);
    }
    int known = pool.client.task(adopted.getFirst()).epoch().generation();

    // The hub's disk is gone, and with it what later restores had given out.
    pool.hub.kill9();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(pool.hub.dataDir(), "hub.db*")) {
      for (Path file : all) {
        Files.delete(file);
      }
    }
    assertThat(restore(backup).highest().generation()).isLessThan(known);
    pool.hub.start();
    pool.awaitOnline(2);
    List<String> fresh = onBoth(1, "fresh-after", "0.1", 0.2);
    payloads.awaitEnded(fresh);
    assertThat(pool.client.task(fresh.getFirst()).epoch().generation()).isGreaterThan(known);
    judge("restore of a store that knows less than its nodes");
  }

  @SafeVarargs
  private static List<String> concat(List<String>... lists) {
    List<String> all = new ArrayList<>();
    for (List<String> list : lists) {
      all.addAll(list);
    }
    return all;
  }
}
