package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.EventView;
import io.atoll.client.api.InviteView;
import io.atoll.client.api.MachineView;
import io.atoll.client.api.NodeTasks;
import io.atoll.client.api.NodeUsage;
import io.atoll.client.api.TaskSpec;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.term.Invite;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.hub.MachineDesk;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.journal.FileJournal;
import io.atoll.daemon.provider.Provider;
import io.atoll.daemon.provider.machine.ProviderConfig;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.sqlite.SqliteStore;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.MachineMessage;
import io.atoll.market.activity.MachineMessage.Part;
import io.atoll.market.activity.MessageStream;
import io.atoll.market.agreement.Terms;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import io.atoll.runtime.driver.mock.MockDriver;
import io.atoll.runtime.driver.mock.MockMachine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A hub asks a provider over TCP what its machine is: one that answers, one that is away, one
/// that does not answer, and ones that lie.
@Timeout(60)
class MachineReadingTest {
  @TempDir Path temp;
  private final Identity hubIdentity = Identity.generate();
  private Host hubHost;
  private Host host;
  private Hub hub;
  private Provider provider;
  private MachineDesk desk;
  private boolean gone;

  @BeforeEach
  void start() throws Exception {
    hubHost = P2p.start(HostConfig.of(hubIdentity, List.of("/ip4/127.0.0.1/tcp/0")));
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
    desk = hub.machines();
    host = P2p.start(HostConfig.of(Identity.generate(), List.of()));
    Path folder = Files.createDirectories(temp.resolve("provider"));
    provider =
        new Provider(
                host,
                FileJournal.open(folder),
                Map.of("mock", new MockDriver("mock", new MockMachine())),
                new ProviderConfig(
                    "ada",
                    "test",
                    "linux",
                    "amd64",
                    new Resources(4000, 64 << 20, 32 << 20),
                    List.of("mock"),
                    List.of(),
                    Map.of("site", "attic", "rack", "2"),
                    "boot-1"),
                new Terms(List.of("mock"), false, false),
                Files.createDirectories(folder.resolve("runs")))
            .start();
    String invite = hub.createInvite(InviteView.Role.PROVIDER, Duration.ofHours(1)).invite();
    provider.join(Invite.parse(invite));
    await().until(() -> hub.node("ada").state().equals("ONLINE"));
  }

  @AfterEach
  void stop() {
    leave();
    hub.close();
    hubHost.close();
  }

  /// The provider's daemon ends.
  private void leave() {
    if (!gone) {
      gone = true;
      provider.close();
      host.close();
    }
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).as(e.text()).isEqualTo(code);
              assertThat(e.text()).contains(words);
              assertThat(e.hint()).isNotEmpty();
            });
  }

  private List<EventView> misread() throws InterruptedException {
    return hub.events(0, null, 1000, Duration.ZERO).events().stream()
        .filter(event -> event.type().equals("node.misread"))
        .toList();
  }

  private TaskId submit(String name) throws InterruptedException {
    TaskSpec spec =
        new TaskSpec(
            name,
            new Workload(
                "mock",
                null,
                List.of("run_for=60S"),
                Map.of(),
                new Resources(1000, 16 << 20, 8 << 20),
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
    return hub.submit(spec, "k1", null, "").id();
  }

  @Test
  void readsTheProvidersMachine() throws Exception {
    MachineView read = desk.machine("ada");
    assertThat(read.node()).isEqualTo(host.id());
    assertThat(read.cpu().threads())
        .isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(read.cpu().cores()).isBetween(1, read.cpu().threads());
    assertThat(read.cpu().bit()).contains(64);
    // It has more, and offers no more.
    assertThat(read.mem().gib()).isEqualTo(0.062);
    assertThat(read.mem().total()).isGreaterThan(0.2);
    assertThat(read.storage().gib()).isEqualTo(0.031);
    assertThat(read.os().name()).isNotEmpty();
    assertThat(read.host().memoryAvailable()).isBetween(1L, read.host().memory());
    assertThat(desk.machine(host.id().text()).cpu()).isEqualTo(read.cpu());

    NodeUsage usage = desk.usage("ada");
    assertThat(usage.cpu()).isBetween(0.0, 1.0);
    assertThat(usage.mem().used()).isBetween(0.001, usage.mem().total());
    assertThat(usage.storage().used()).isBetween(0.0, usage.storage().total());
    assertThat(usage.load()).hasSize(3);
    assertThat(usage.uptimeSeconds()).isPositive();
    assertThat(misread()).isEmpty();

    MachineDesk.Contact contact = desk.contact(host.id());
    assertThat(contact.address()).matches("127\\.0\\.0\\.1:[0-9]+");
    assertThat(contact.tags()).containsExactly("rack=2", "site=attic");
    assertCode(() -> desk.machine("nobody"), ErrorCode.NOT_FOUND, "nobody");
  }

  @Test
  void whatIsPromisedIsFreeNoMore() throws Exception {
    TaskId task = submit("svc");
    await().until(() -> desk.tasks("ada").tasks().size() == 1);
    await().until(() -> desk.tasks("ada").tasks().getFirst().state().equals("RUNNING"));
    NodeTasks tasks = desk.tasks("ada");
    assertThat(tasks.tasks().getFirst().id()).isEqualTo(task);
    assertThat(tasks.tasks().getFirst().name()).isEqualTo("svc");
    assertThat(tasks.tasks().getFirst().reserved().cpuMillis()).isEqualTo(1000);
    assertThat(tasks.others()).isZero();
    await().until(() -> desk.machine("ada").mem().gib() == 0.046);
    assertThat(desk.machine("ada").storage().gib()).isEqualTo(0.023);
    assertThat(desk.assigned("ada"))
        .singleElement()
        .satisfies(view -> assertThat(view.id()).isEqualTo(task));
    hub.stop(task.text());
    await().until(() -> desk.tasks("ada").tasks().isEmpty());
    assertThat(desk.assigned("ada")).isEmpty();
    await().until(() -> desk.machine("ada").mem().gib() == 0.062);
  }

  @Test
  void oneThatIsAwayIsToldWithTheAgeOfWhatIsKnown() throws Exception {
    leave();
    await().until(() -> failure().contains("is not connected"));
    assertCode(
        () -> desk.machine("ada"), ErrorCode.UNREACHABLE, "was not read since the hub's start");
    assertCode(() -> desk.usage("ada"), ErrorCode.UNREACHABLE, "ada is not connected");
    assertCode(() -> desk.tasks("ada"), ErrorCode.UNREACHABLE, "ada is not connected");
  }

  @Test
  void whenItWasReadLastIsTold() throws Exception {
    var _ = desk.machine("ada");
    leave();
    await().until(() -> failure().contains("is not connected"));
    assertCode(() -> desk.machine("ada"), ErrorCode.UNREACHABLE, "was read last", "s ago, at 20");
  }

  private String failure() throws InterruptedException {
    try {
      var _ = desk.machine("ada");
      return "";
    } catch (AtollException e) {
      return e.text();
    }
  }

  /// The provider's daemon answers for itself no more.
  private void instead(Host.StreamHandler handler) {
    host.unhandle(ActivityProtocol.MACHINE);
    host.handle(ActivityProtocol.MACHINE, handler);
  }

  private void answers(MachineMessage answer) {
    instead(
        stream -> {
          MessageStream<MachineMessage, MachineMessage> messages = messages(stream);
          var _ = messages.receive();
          messages.send(answer);
        });
  }

  private static MessageStream<MachineMessage, MachineMessage> messages(Stream stream) {
    return new MessageStream<>(stream, MachineMessage.class);
  }

  private void writes(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    instead(
        stream -> {
          var _ = messages(stream).receive();
          int rest = bytes.length;
          while (rest >= 0x80) {
            stream.out().write((rest & 0x7f) | 0x80);
            rest >>>= 7;
          }
          stream.out().write(rest);
          stream.out().write(bytes);
          stream.out().flush();
        });
  }

  @Test
  void oneThatDoesNotAnswerIsGivenUp() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    instead(_ -> over.await());
    try {
      long began = System.nanoTime();
      assertCode(() -> desk.machine("ada"), ErrorCode.TIMEOUT, "ada", "within 5 s");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    } finally {
      over.countDown();
    }
    assertThat(misread()).isEmpty();
  }

  @Test
  void oneOfAVersionBeforeIsToldAsSuch() {
    host.unhandle(ActivityProtocol.MACHINE);
    assertThatThrownBy(() -> desk.machine("ada"))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE);
              assertThat(e.hint()).contains("as new as the hub");
            });
  }

  @Test
  void aLieIsRefusedAndToldOnce() throws Exception {
    answers(new MachineMessage.Usage(Double.NaN, List.of(), 1, 1, 1, 1, 1, "MAINS"));
    for (int i = 0; i < 20; i++) {
      assertCode(() -> desk.usage("ada"), ErrorCode.BAD_ANSWER, "ada", "what cannot be");
    }
    assertCode(() -> desk.machine("ada"), ErrorCode.BAD_ANSWER, "something else than was asked");
    await().until(() -> !misread().isEmpty());
    assertThat(misread()).hasSize(1);
    EventView event = misread().getFirst();
    assertThat(event.node()).isEqualTo(host.id());
    assertThat(event.detail()).contains("ada", "NaN");
  }

  @Test
  void whatIsNoMessageIsRefusedAndTold() throws Exception {
    for (String json :
        List.of(
            "nonsense",
            "{\"type\":\"tasks\",\"others\":1e99}",
            "{\"type\":\"tasks\",\"running\":[{\"task\":\"x\"}],\"others\":0}",
            "{\"type\":\"tasks\",\"running\":\"" + "x".repeat(MachineMessage.MAX_FRAME) + "\"}")) {
      writes(json);
      assertCode(() -> desk.tasks("ada"), ErrorCode.BAD_ANSWER, "ada");
    }
    await().until(() -> misread().size() == 1);
  }

  @Test
  void whatIsALittleTooMuchIsBroughtBackAndTold() throws Exception {
    answers(new MachineMessage.Usage(1.5, List.of(), 1L << 30, 1L << 30, 1L << 30, 0, -1, "MAINS"));
    assertThat(desk.usage("ada").cpu()).isEqualTo(1.0);
    await().until(() -> misread().size() == 1);
    assertThat(misread().getFirst().detail()).contains("1.5");
  }

  @Test
  void whatANodeCannotSayIsPassedOnPlainly() {
    answers(new MachineMessage.Failed("INTERNAL", "no /proc\u001b[2J" + "x".repeat(9999), null));
    assertThatThrownBy(() -> desk.machine("ada"))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_ANSWER);
              assertThat(e.text()).startsWith("no /proc\ufffd").hasSizeLessThan(300);
            });
  }

  @Test
  void strangersAreToldNothing() throws Exception {
    List<String> anywhere = List.of("/ip4/127.0.0.1/tcp/0");
    try (Host stranger = P2p.start(HostConfig.of(Identity.generate(), anywhere))) {
      host.connect(stranger.id(), stranger.listening(), Duration.ofSeconds(10));
      await().until(() -> stranger.connected(host.id()));
      try (Stream stream = stranger.open(host.id(), ActivityProtocol.MACHINE)) {
        MessageStream<MachineMessage, MachineMessage> messages = messages(stream);
        for (Part part : Part.values()) {
          messages.send(new MachineMessage.Ask(part));
          assertThat(messages.receive().orElseThrow())
              .isInstanceOfSatisfying(
                  MachineMessage.Failed.class,
                  failed -> assertThat(failed.code()).isEqualTo("DENIED"));
        }
      }
    }
  }
}
