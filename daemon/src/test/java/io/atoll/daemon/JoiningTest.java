package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.HubView;
import io.atoll.client.api.InviteView;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Invite;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.journal.FileJournal;
import io.atoll.daemon.provider.Provider;
import io.atoll.daemon.provider.machine.ProviderConfig;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.sqlite.SqliteStore;
import io.atoll.market.agreement.Terms;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.runtime.driver.mock.MockDriver;
import io.atoll.runtime.driver.mock.MockMachine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Joining and leaving a hub: what is on disk when the call returns.
@Timeout(60)
class JoiningTest {
  @TempDir Path temp;
  private final MockMachine machine = new MockMachine();
  private final Identity identity = Identity.generate();
  private Host hubHost;
  private Hub hub;
  private Host host;
  private Provider provider;

  @BeforeEach
  void start() throws Exception {
    Identity hubIdentity = Identity.generate();
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
    startProvider("first");
  }

  @AfterEach
  void stop() {
    stopProvider();
    hub.close();
    hubHost.close();
  }

  private Path data(String name) throws Exception {
    return Files.createDirectories(temp.resolve(name));
  }

  private void startProvider(String folder) throws Exception {
    host = P2p.start(HostConfig.of(identity, List.of()));
    provider =
        new Provider(
                host,
                FileJournal.open(data(folder)),
                Map.of("mock", new MockDriver("mock", machine)),
                new ProviderConfig(
                    "ada",
                    "test",
                    "linux",
                    "amd64",
                    new Resources(4000, 1 << 30, 1 << 30),
                    List.of("mock"),
                    List.of(),
                    Map.of(),
                    "boot-1"),
                new Terms(List.of("mock"), false, false),
                Files.createDirectories(data(folder).resolve("runs")))
            .start();
  }

  private void stopProvider() {
    provider.close();
    host.close();
  }

  private Invite invite(InviteView.Role role) throws InterruptedException {
    return Invite.parse(hub.createInvite(role, Duration.ofHours(1)).invite());
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code, String words) {
    assertThatThrownBy(call)
        .hasMessageContaining(words)
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.hint()).isNotEmpty();
            });
  }

  @Test
  void theAgreementIsJournalledWhenJoiningReturns() throws Exception {
    HubView joined = provider.join(invite(InviteView.Role.PROVIDER));
    assertThat(FileJournal.peek(data("first")))
        .singleElement()
        .satisfies(agreement -> assertThat(agreement.hub()).isEqualTo(hubHost.id()));
    assertThat(joined.id()).isEqualTo(hubHost.id());
    assertThat(joined.drivers()).containsExactly("mock");
    await().until(() -> provider.hubs().getFirst().connected());
    assertThat(provider.hubs().getFirst().status()).isEqualTo("connected");
  }

  @Test
  void aProviderThatIsAdmittedJoinsByTheHubsKeyAlone() throws Exception {
    Invite pinned = Invite.pinned(hubHost.id(), hubHost.listening(), "");
    assertCode(() -> provider.join(pinned), ErrorCode.DENIED, "does not admit " + host.id());
    hub.admit(Identity.generate().id(), Duration.ofHours(1));
    assertCode(() -> provider.join(pinned), ErrorCode.DENIED, "does not admit");

    InviteView admitted = hub.admit(host.id(), Duration.ofHours(1));
    assertThat(admitted.peer()).isEqualTo(host.id());
    Invite printed = Invite.parse(admitted.invite());
    assertThat(printed.secret()).isEmpty();
    assertThat(provider.join(printed).id()).isEqualTo(hubHost.id());
    await().until(() -> provider.hubs().getFirst().connected());
    assertThat(hub.invites())
        .filteredOn(invite -> host.id().equals(invite.peer()))
        .singleElement()
        .satisfies(invite -> assertThat(invite.state()).isEqualTo("USED"));
  }

  /// Whoever reads an admission's hash in a backup cannot make a secret of it.
  @Test
  void theHashOfAnAdmissionIsNobodysSecret() throws Exception {
    PeerId other = Identity.generate().id();
    hub.admit(other, Duration.ofHours(1));
    Invite forged =
        new Invite("i1", InviteRow.hashOf(other), hubHost.id(), hubHost.listening(), "");
    assertCode(() -> provider.join(forged), ErrorCode.INVITE_INVALID, "not one of this hub's");
    assertThat(hub.nodes()).isEmpty();
  }

  /// A crash between the hub's commit and the provider's journal.
  @Test
  void aUsedInviteServesItsOwnNodeAgain() throws Exception {
    Invite invite = invite(InviteView.Role.PROVIDER);
    provider.join(invite);
    stopProvider();
    startProvider("forgetful");
    assertThat(provider.hubs()).isEmpty();
    provider.join(invite);
    assertThat(FileJournal.peek(data("forgetful"))).hasSize(1);
    assertThat(hub.nodes()).hasSize(1);
  }

  @Test
  void anAppsInviteIsRefusedWithTheWayToUseIt() throws Exception {
    Invite app = invite(InviteView.Role.APP);
    assertCode(() -> provider.join(app), ErrorCode.INVITE_INVALID, "is for an app");
    String other = invite(InviteView.Role.PROVIDER).text();
    assertCode(
        () -> hub.redeemAppInvite(other, "app"), ErrorCode.INVITE_INVALID, "is for a provider");
    assertThat(hub.invites()).allSatisfy(i -> assertThat(i.state()).isEqualTo("OPEN"));
  }

  @Test
  void addressesThatLeadNowhereAreToldAsSuch() {
    assertCode(
        () -> provider.join(new Invite("i", "s", hubHost.id(), List.of("nonsense"), "")),
        ErrorCode.UNREACHABLE,
        "nonsense");
    assertCode(
        () ->
            provider.join(
                new Invite(
                    "i", "s", Identity.generate().id(), List.of("/ip4/127.0.0.1/tcp/1"), "")),
        ErrorCode.UNREACHABLE,
        "could not join");
    assertCode(
        () -> provider.join(new Invite("i", "s", host.id(), List.of(), "")),
        ErrorCode.CONFLICT,
        "this very daemon");
  }

  @Test
  void leavingStopsWhatTheHubRunsAndIsJournalled() throws Exception {
    provider.join(invite(InviteView.Role.PROVIDER));
    await().until(() -> hub.nodes().stream().anyMatch(node -> node.state().equals("ONLINE")));
    hub.submit(spec(), "k1", null, "");
    await().until(() -> hub.task("a").state() == TaskState.RUNNING);
    provider.leave(hubHost.id().text());
    assertThat(FileJournal.peek(data("first"))).isEmpty();
    assertThat(provider.hubs()).isEmpty();
    await()
        .untilAsserted(
            () -> assertThat(Files.list(data("first").resolve("runs")).count()).isZero());
    stopProvider();
    startProvider("first");
    assertThat(provider.hubs()).isEmpty();
    assertCode(() -> provider.leave(hubHost.id().text()), ErrorCode.NOT_FOUND, "not joined");
    assertCode(() -> provider.leave("no peer id"), ErrorCode.NOT_FOUND, "not joined");
  }

  private static TaskSpec spec() {
    return new TaskSpec(
        "a",
        new Workload(
            "mock",
            null,
            List.of("run_for=60S"),
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

  @Test
  void theRoundTripToANodeIsMeasured() throws Exception {
    provider.join(invite(InviteView.Role.PROVIDER));
    await().until(() -> hub.node("ada").rttMillis() != null);
    assertThat(hub.node("ada").rttMillis()).isBetween(0.001, 10_000.0);
    Duration asked = hub.ping("ada");
    assertThat(hub.node("ada").rttMillis()).isEqualTo(asked.toNanos() / 1e6);
    stopProvider();
    await().until(() -> hub.node("ada").rttMillis() == null);
    startProvider("first");
  }

  @Test
  void aRemovedNodeIsToldSoAndMayJoinAgain() throws Exception {
    provider.join(invite(InviteView.Role.PROVIDER));
    await().until(() -> provider.hubs().getFirst().connected());
    hub.forgetNode("ada");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> provider.hubs().getFirst().status().contains("removed this node"));
    // It stays so: the end of that session is not what people need to know.
    await()
        .during(Duration.ofSeconds(3))
        .atMost(Duration.ofSeconds(5))
        .until(() -> provider.hubs().getFirst().status().contains("removed this node"));
    provider.join(invite(InviteView.Role.PROVIDER));
    await().until(() -> provider.hubs().getFirst().connected());
  }

  @Test
  void theNodeOfTheHubsOwnDaemonStays() throws Exception {
    hub.joinLocal(provider.offer());
    assertCode(() -> hub.forgetNode("ada"), ErrorCode.CONFLICT, "this hub's own daemon");
    assertThat(hub.nodes()).hasSize(1);
  }

  @Test
  void theHintForAnUnknownTaskIsACommandThatExists() {
    assertThatThrownBy(() -> hub.task("nobody"))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.hint()).isEqualTo("see `atoll task list`"));
  }
}
