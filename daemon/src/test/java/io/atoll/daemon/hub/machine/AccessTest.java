package io.atoll.daemon.hub.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.InviteView.Role;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.Precondition;
import io.atoll.daemon.store.Query;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AccessTest {
  private final HubFixture hub = new HubFixture();

  private void invite(String id, Role role) {
    hub.step(
        new HubEvent.CreateInvite(
            1,
            new InviteRow(
                id, role, "hash-" + id, hub.wall, hub.wall.plus(Duration.ofDays(1)), null, null)));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
  }

  private void join(String invite, HubFixture.Node node) {
    hub.step(new HubEvent.UseProviderInvite(2, "hash-" + invite, node.id, node.offer()));
  }

  private KeyRow key(String id) {
    return new KeyRow(id, "app", "hash-" + id, hub.wall, null);
  }

  @Test
  void aPublicKeyIsOfOneAppForGood() {
    KeyRow app = new KeyRow("a1", "ci", "", hub.wall, null, "AAAA");
    hub.step(new HubEvent.CreateKey(1, app));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(hub.store.read(new Query.Keys())).containsExactly(app);
    KeyRow again = new KeyRow("a2", "ci", "", hub.wall, null, "AAAA");
    hub.step(new HubEvent.CreateKey(2, again));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);

    hub.step(new HubEvent.RevokeKey(3, "a1"));
    assertThat(hub.store.read(new Query.Keys())).containsExactly(app.revoked(hub.wall));
    hub.step(new HubEvent.CreateKey(4, again));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(hub.failure().message()).contains("had");
    hub.step(new HubEvent.CreateKey(5, new KeyRow("a3", "ci", "", hub.wall, null, "BBBB")));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
  }

  @Test
  void anInviteServesOnceAndItsRepeatIsHarmless() {
    invite("i1", Role.PROVIDER);
    HubFixture.Node a = hub.node("a");
    join("i1", a);
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(hub.last.preconditions()).contains(new Precondition.InviteOpen("i1"));
    assertThat(hub.store.read(new Query.Nodes())).hasSize(1);

    join("i1", a);
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(hub.last.changes()).isEmpty();
    join("i1", hub.node("b"));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.INVITE_INVALID);
    assertThat(hub.failure().message()).contains("already used");
  }

  @Test
  void aPeerThatIsAdmittedNeedsNoSecretAndNobodyElseComesInByIt() {
    HubFixture.Node a = hub.node("a");
    HubFixture.Node b = hub.node("b");
    comes(a);
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.DENIED);
    assertThat(hub.failure().hint()).contains("atoll invite create --peer " + a.id);

    admit(a);
    comes(b);
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.DENIED);
    hub.step(new HubEvent.UseProviderInvite(2, InviteRow.hashOf(a.id), b.id, b.offer()));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.DENIED);
    assertThat(hub.store.read(new Query.Nodes())).isEmpty();

    comes(a);
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(hub.store.read(new Query.Nodes())).hasSize(1);
    comes(a); // its answer was lost
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(hub.last.changes()).isEmpty();
  }

  @Test
  void anAdmissionIsRevokedAndGivenAgain() {
    HubFixture.Node a = hub.node("a");
    admit(a);
    hub.step(new HubEvent.RevokeInvite(3, "pa"));
    comes(a);
    assertThat(hub.failure().message()).contains("revoked");
    admit(a);
    comes(a);
    assertThat(hub.answer).isEqualTo(new Answer.Done());
    assertThat(hub.store.read(new Query.Invites())).hasSize(1);
  }

  private void admit(HubFixture.Node node) {
    hub.step(
        new HubEvent.CreateInvite(
            1,
            new InviteRow(
                "pa",
                Role.PROVIDER,
                InviteRow.hashOf(node.id),
                hub.wall,
                hub.wall.plus(Duration.ofDays(1)),
                null,
                null)));
    assertThat(hub.answer).isEqualTo(new Answer.Done());
  }

  /// Without a secret.
  private void comes(HubFixture.Node node) {
    hub.step(new HubEvent.UseProviderInvite(2, InviteRow.hashOf(node.id), node.id, node.offer()));
  }

  @Test
  void wrongRevokedExpiredAndForeignInvitesAreRefused() {
    invite("app", Role.APP);
    join("app", hub.node("a"));
    assertThat(hub.failure().message()).contains("is for an app");
    join("none", hub.node("b"));
    assertThat(hub.failure().message()).contains("not one of this hub's");

    invite("i1", Role.PROVIDER);
    hub.step(new HubEvent.RevokeInvite(3, "i1"));
    join("i1", hub.node("c"));
    assertThat(hub.failure().message()).contains("revoked");

    invite("i2", Role.PROVIDER);
    hub.wall = hub.wall.plus(Duration.ofHours(25));
    join("i2", hub.node("d"));
    assertThat(hub.failure().message()).contains("expired");
    assertThat(hub.store.read(new Query.Nodes())).isEmpty();

    hub.step(new HubEvent.RevokeInvite(3, "nope"));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void anAppGetsItsKeyByInviteAndLosesItByRevocation() {
    invite("app", Role.APP);
    hub.step(new HubEvent.UseAppInvite(2, "hash-app", key("k9")));
    hub.step(new HubEvent.UseAppInvite(2, "hash-app", key("k10")));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.INVITE_INVALID);
    assertThat(hub.machine.keys()).extracting(KeyRow::id).containsExactly("k9");

    hub.step(new HubEvent.RevokeInvite(2, "app"));
    assertThat(hub.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    hub.step(new HubEvent.RevokeKey(3, "k9"));
    assertThat(hub.store.read(new Query.Keys()).getFirst().revokedAt()).isEqualTo(hub.wall);
    hub.step(new HubEvent.RevokeKey(3, "k9"));
    assertThat(hub.last.changes()).isEmpty();
    hub.restart();
    assertThat(hub.machine.keys().getFirst().revokedAt()).isNotNull();
  }
}
