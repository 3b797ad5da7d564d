package io.atoll.daemon.hub.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.InviteView.Role;
import io.atoll.core.audit.AuditFact;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.NoteRow;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a request changes and the entry about it are one decision.
class AuditsTest {
  private final HubFixture hub = new HubFixture();

  private List<AuditFact> told(HubEvent.Request request) {
    hub.step(new HubEvent.Called("key k1", request));
    return hub.last.changes().stream()
        .filter(Change.Audit.class::isInstance)
        .map(change -> ((Change.Audit) change).fact())
        .toList();
  }

  private AuditFact fact(String action, String object) {
    return new AuditFact(hub.wall, "key k1", action, object, "OK", 1);
  }

  @Test
  void aChangeIsToldInItsOwnTransaction() {
    KeyRow key = new KeyRow("k2", "ci", "hash", hub.wall, null);
    assertThat(told(new HubEvent.CreateKey(1, key))).containsExactly(fact("key.create", "k2 ci"));
    assertThat(hub.last.changes()).contains(new Change.PutKey(key));
    assertThat(told(new HubEvent.RevokeKey(2, "k2"))).containsExactly(fact("key.revoke", "k2"));
    assertThat(told(new HubEvent.KeepNote(3, new NoteRow("golem", "n1", "{}"))))
        .containsExactly(fact("note.keep", "golem n1"));
    InviteRow invite =
        new InviteRow("i1", Role.APP, "h", hub.wall, hub.wall.plus(Duration.ofDays(1)), null, null);
    assertThat(told(new HubEvent.CreateInvite(4, invite)))
        .containsExactly(fact("invite.create", "i1 app"));
  }

  @Test
  void whatChangesNothingIsNotTold() {
    told(new HubEvent.CreateKey(1, new KeyRow("k2", "ci", "hash", hub.wall, null)));
    told(new HubEvent.RevokeKey(2, "k2"));
    assertThat(told(new HubEvent.RevokeKey(3, "k2"))).isEmpty();
    assertThat(told(new HubEvent.RevokeKey(4, "k3"))).isEmpty();
    assertThat(hub.answer).isInstanceOf(Answer.Failed.class);
  }

  @Test
  void anEntryFromOutsideIsItselfAlone() {
    AuditFact fact = new AuditFact(hub.wall, "address 192.0.2.7", "GET /x", "", "DENIED", 9);
    assertThat(told(new HubEvent.Tell(1, fact))).containsExactly(fact);
    assertThat(hub.answer).isEqualTo(new Answer.Done());
  }
}
