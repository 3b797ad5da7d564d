package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.TinyDisk;
import io.atoll.daemon.store.sqlite.SqliteStore;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a hub can still do when its disk is full: everything that makes room.
@Tag("real")
@Timeout(60)
class FullDiskHubTest {
  @TempDir Path temp;

  @Test
  void tasksCanBeStoppedAndDeletedAndNoneComes() throws Exception {
    Identity identity = Identity.generate();
    try (TinyDisk disk = TinyDisk.mount(temp.resolve("tiny"), 64, 1);
        Host host = P2p.start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0")));
        Hub hub =
            new Hub(
                HubConfig.defaults("test"),
                identity,
                host,
                SqliteStore.open(disk.folder()),
                Reserve.of(disk.folder()),
                () -> "")) {
      hub.start();
      submit(hub, "first");
      submit(hub, "second");
      disk.fill();
      assertThat(hub.stop("first").state()).isEqualTo(TaskState.STOPPED);
      assertThat(hub.notReady()).singleElement().asString().contains("accepts no new task");
      hub.delete("first");
      assertThat(hub.stop("second").state()).isEqualTo(TaskState.STOPPED);
      assertThatThrownBy(() -> submit(hub, "third"))
          .isInstanceOfSatisfying(
              AtollException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL);
                assertThat(e.hint()).contains("stop or delete", disk.folder().toString());
              });
      disk.makeRoomOfFiller();
      await().atMost(Duration.ofSeconds(15)).until(() -> hub.notReady().isEmpty());
      submit(hub, "third");
    }
  }

  private static void submit(Hub hub, String name) throws InterruptedException {
    hub.submit(spec(name), "k1", null, "");
  }

  private static TaskSpec spec(String name) {
    return new TaskSpec(
        name,
        new Workload(
            "process",
            null,
            List.of("/bin/true"),
            Map.of(),
            new Resources(100, 1 << 20, 0),
            10,
            List.of(),
            false,
            Workload.Isolation.SANDBOX),
        50,
        null,
        new TaskSpec.Restart(TaskSpec.Restart.Policy.NEVER, 1, 3),
        TaskSpec.OnDisconnect.KEEP,
        0,
        1);
  }
}
