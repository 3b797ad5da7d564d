package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.InviteView;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskStats;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.term.Invite;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.journal.FileJournal;
import io.atoll.daemon.provider.Provider;
import io.atoll.daemon.provider.machine.ProviderConfig;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.sqlite.SqliteStore;
import io.atoll.market.agreement.Terms;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.LoopbackHost;
import io.atoll.p2p.host.P2p;
import io.atoll.runtime.driver.mock.MockDriver;
import io.atoll.runtime.driver.mock.MockMachine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The whole way of a deploy request with everything real but the payload: hub and provider over
/// TCP, Noise and Yamux, store and journal on disk.
@Timeout(60)
class DeployTest {
  @TempDir Path temp;
  private final MockMachine machine = new MockMachine();
  private final Identity hubIdentity = Identity.generate();
  private final Identity providerIdentity = Identity.generate();
  private Host hubHost;
  private Host providerHost;
  private Hub hub;
  private Provider provider;
  private String hubAddress = "/ip4/127.0.0.1/tcp/0";

  @BeforeEach
  void start() throws Exception {
    startHub();
    startProvider();
    join();
    await().until(() -> hub.nodes().stream().anyMatch(node -> node.state().equals("ONLINE")));
  }

  @AfterEach
  void stop() {
    provider.close();
    providerHost.close();
    hub.close();
    hubHost.close();
  }

  private void startHub() throws Exception {
    hubHost = new LoopbackHost(P2p.start(HostConfig.of(hubIdentity, List.of(hubAddress))));
    String bound = hubHost.listening().getFirst();
    hubAddress = bound.substring(0, bound.indexOf("/p2p/"));
    Path data = Files.createDirectories(temp.resolve("hub"));
    hub =
        new Hub(
                HubConfig.defaults("test"),
                hubIdentity,
                hubHost,
                SqliteStore.open(data),
                Reserve.of(data),
                () -> "")
            .start();
  }

  private void startProvider() throws Exception {
    providerHost = new LoopbackHost(P2p.start(HostConfig.of(providerIdentity, List.of())));
    Path data = Files.createDirectories(temp.resolve("provider"));
    ProviderConfig config =
        new ProviderConfig(
            "ada",
            "test",
            "linux",
            "amd64",
            new Resources(4000, 1 << 30, 1 << 30),
            List.of("mock"),
            List.of(),
            Map.of(),
            "boot-1");
    provider =
        new Provider(
                providerHost,
                FileJournal.open(data),
                Map.of("mock", new MockDriver("mock", machine)),
                config,
                new Terms(List.of("mock"), false, false),
                Files.createDirectories(data.resolve("runs")))
            .start();
  }

  private String join() throws InterruptedException {
    String invite = hub.createInvite(InviteView.Role.PROVIDER, Duration.ofHours(1)).invite();
    assertThat(invite).isNotNull();
    provider.join(Invite.parse(invite));
    return invite;
  }

  @Test
  void aTaskRunsAndItsOutputAndExitCodeComeBack() throws Exception {
    TaskView task = submit("a", "output=hello", "run_for=50ms", "exit_code=3");
    assertThat(output(task)).isEqualTo("hello");
    TaskView ended = ended(task);
    assertThat(ended.state()).isEqualTo(TaskState.FAILED);
    assertThat(ended.exitCode()).isEqualTo(3);
    assertThat(ended.nodeName()).isEqualTo("ada");
    assertThat(hub.task(task.id().text()).events())
        .extracting(event -> event.type())
        .contains("task.created", "run.placed", "run.exited");
  }

  @Test
  void bothDaemonsMayBeReplacedWhileItRuns() throws Exception {
    TaskView task = submit("a", "output=still here", "run_for=3S");
    await().until(() -> hub.task("a").state() == TaskState.RUNNING);
    provider.close();
    providerHost.close();
    hub.close();
    hubHost.close();
    startHub();
    startProvider();
    assertThat(output(task)).isEqualTo("still here");
    assertThat(ended(task).state()).isEqualTo(TaskState.SUCCEEDED);
    assertThat(hub.task("a").events()).filteredOn(e -> e.type().equals("run.placed")).hasSize(1);
  }

  @Test
  void aSuspendedTaskStaysSoOverBothRestartsAndGoesOn() throws Exception {
    TaskView task = submit("a", "run_for=1S", "exit_code=4");
    await().until(() -> hub.task("a").state() == TaskState.RUNNING);
    hub.suspend("a", false);
    await().until(() -> hub.task("a").state() == TaskState.SUSPENDED);
    provider.close();
    providerHost.close();
    hub.close();
    hubHost.close();
    startHub();
    startProvider();
    await().until(() -> hub.nodes().getFirst().state().equals("ONLINE"));
    Thread.sleep(1200);
    assertThat(hub.task("a").state()).isEqualTo(TaskState.SUSPENDED);
    hub.resume("a");
    assertThat(ended(task).exitCode()).isEqualTo(4);
    assertThat(hub.task("a").events())
        .extracting(event -> event.type())
        .containsSubsequence("task.suspending", "run.suspended", "task.resuming", "run.running");
  }

  @Test
  void aSuspendedTaskThatIsStoppedEnds() throws Exception {
    TaskView task = submit("a", "run_for=60S");
    await().until(() -> hub.task("a").state() == TaskState.RUNNING);
    hub.suspend("a", false);
    await().until(() -> hub.task("a").state() == TaskState.SUSPENDED);
    hub.stop("a");
    assertThat(ended(task).state()).isEqualTo(TaskState.STOPPED);
    assertThatThrownBy(() -> hub.suspend("a", false))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
  }

  @Test
  void aNodeTellsWhatARunUses() throws Exception {
    TaskView task = submit("a", "run_for=60S", "output=hello");
    await().until(() -> hub.task("a").state() == TaskState.RUNNING);
    TaskStats stats = hub.stats("a");
    assertThat(stats.task()).isEqualTo(task.id());
    assertThat(stats.cpuNanos()).isEqualTo(7_000_000);
    assertThat(stats.disk()).isNull();
    assertThat(stats.output()).isEqualTo(5);
    assertThat(stats.memoryLimit()).isEqualTo(1 << 20);
    assertThat(stats.ended()).isFalse();
    hub.stop("a");
    ended(task);
    assertThat(hub.stats(task.id().text()).ended()).isTrue();
    provider.close();
    providerHost.close();
    await().until(() -> !hub.nodes().getFirst().state().equals("ONLINE"));
    assertThatThrownBy(() -> hub.stats(task.id().text()))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE));
    startProvider();
  }

  @Test
  void stopEndsAndDeleteForgets() throws Exception {
    TaskView task = submit("a", "run_for=60S");
    await().until(() -> hub.task("a").state() == TaskState.RUNNING);
    assertThatThrownBy(() -> hub.delete("a"))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    hub.stop("a");
    assertThat(ended(task).state()).isEqualTo(TaskState.STOPPED);
    hub.delete("a");
    assertThatThrownBy(() -> hub.task("a")).hasMessageContaining("there is no task 'a'");
    await()
        .until(
            () -> {
              try (var folders = Files.list(temp.resolve("provider/runs"))) {
                return folders.findAny().isEmpty();
              }
            });
  }

  @Test
  void whatFitsNowhereWaitsAndSaysWhy() throws Exception {
    TaskView task =
        hub.submit(spec("big", new Resources(3000, 1 << 20, 0), "run_for=60S"), "k1", null, "");
    TaskView other =
        hub.submit(spec("more", new Resources(3000, 1 << 20, 0), "run_for=60S"), "k1", null, "");
    await().until(() -> hub.task("more").waiting() != null);
    assertThat(hub.task("more").waiting().nodes()).hasSize(1);
    assertThat(hub.task("more").waiting().nodes().getFirst().name()).isEqualTo("ada");
    assertThat(hub.task("more").waiting().smallestChange()).isNotEmpty();
    hub.stop(task.id().text());
    await().until(() -> hub.task("more").state() == TaskState.RUNNING);
    hub.stop(other.id().text());
  }

  @Test
  void aRepeatedRequestMakesOneTask() throws Exception {
    TaskSpec spec = spec("a", new Resources(100, 1 << 20, 0), "run_for=1ms");
    TaskView first = hub.submit(spec, "k1", "same", "h");
    TaskView second = hub.submit(spec, "k1", "same", "h");
    assertThat(second.id()).isEqualTo(first.id());
    assertThatThrownBy(() -> hub.submit(spec, "k1", "same", "another body"))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
  }

  @Test
  void anInviteServesOnceAndNobodyElse() throws Exception {
    String used = join();
    Host stranger = P2p.start(HostConfig.of(Identity.generate(), List.of()));
    try {
      Path data = Files.createDirectories(temp.resolve("stranger"));
      Provider other =
          new Provider(
                  stranger,
                  FileJournal.open(data),
                  Map.of(),
                  new ProviderConfig(
                      "eve",
                      "test",
                      "linux",
                      "amd64",
                      Resources.NONE,
                      List.of(),
                      List.of(),
                      Map.of(),
                      "b"),
                  new Terms(List.of(), false, false),
                  data.resolve("runs"))
              .start();
      assertThatThrownBy(() -> other.join(Invite.parse(used)))
          .isInstanceOfSatisfying(
              AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVITE_INVALID));
      other.close();
    } finally {
      stranger.close();
    }
    assertThat(hub.nodes()).hasSize(1);
  }

  private TaskView submit(String name, String... script) throws InterruptedException {
    return hub.submit(spec(name, new Resources(100, 1 << 20, 0), script), "k1", null, "");
  }

  private static TaskSpec spec(@Nullable String name, Resources resources, String... script) {
    return new TaskSpec(
        name,
        new Workload(
            "mock",
            null,
            List.of(script),
            Map.of(),
            resources,
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

  private TaskView ended(TaskView task) {
    await().atMost(Duration.ofSeconds(20)).until(() -> hub.task(task.id().text()).state().ended());
    return hub.task(task.id().text());
  }

  private String output(TaskView task) throws IOException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (HubApi.Output output = hub.output(task.id().text(), null, 0, true)) {
      while (true) {
        switch (output.next(Duration.ofSeconds(1))) {
          case HubApi.OutputPart.Chunk(var chunk) -> all.writeBytes(chunk.data());
          case HubApi.OutputPart.Dropped _, HubApi.OutputPart.Nothing _ -> {}
          case HubApi.OutputPart.End _ -> {
            return all.toString(java.nio.charset.StandardCharsets.UTF_8);
          }
        }
      }
    }
  }
}
