package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.AppLogin;
import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.api.AuditView;
import io.atoll.client.api.InviteRequest;
import io.atoll.client.api.KeyView;
import io.atoll.client.api.VersionView;
import io.atoll.client.request.AccessMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An app with a key of its own at a whole daemon.
@Timeout(120)
class AppDaemonTest {
  private static final VersionView VERSION = new VersionView("test", "", "", "");

  @TempDir Path temp;

  private Daemon up() throws Exception {
    return Daemon.start(FullDiskStartTest.settings(temp.resolve("hub"), null), VERSION);
  }

  private HubClient owner(Daemon daemon) throws Exception {
    String key = LocalKey.read(temp.resolve("hub")).orElseThrow();
    URI api = URI.create(daemon.bound().api());
    return new HubClient(() -> new HubLocation(api, key, "test"));
  }

  @Test
  void anAppLogsInAfterRestartsAndUntilItIsRevoked() throws Exception {
    Path file = temp.resolve("ci.key");
    String publicKey = AccessMapping.publicKeyText(Identity.at(file).publicKey().data());
    String id;
    String token;
    try (Daemon daemon = up()) {
      KeyView app = owner(daemon).createApp("ci", publicKey);
      id = app.id();
      assertThat(app.publicKey()).isEqualTo(publicKey);
      URI api = URI.create(daemon.bound().api());
      AppLogin login = new AppLogin(() -> new HubLocation(api, null, "test"), file);
      assertThat(new HubClient(login).keys()).extracting(KeyView::id).contains(id);
      token = login.get().key();
      assertThat(login.get().key()).as("it is used until it has little time left").isEqualTo(token);
    }
    try (Daemon daemon = up()) {
      URI api = URI.create(daemon.bound().api());
      HubClient same = new HubClient(() -> new HubLocation(api, token, "test"));
      same.revokeInvite(same.createInvite(new InviteRequest("app", null)).id());
      AppLogin again = new AppLogin(() -> new HubLocation(api, null, "test"), file);
      assertThat(new HubClient(again).keys()).isNotEmpty();
      List<AuditView> entries = owner(daemon).audit(0, 1000).entries();
      assertThat(entries)
          .anyMatch(e -> e.who().equals("key " + id) && e.action().equals("invite.revoke"));

      owner(daemon).revokeKey(id);
      refused(same::keys);
      refused(new HubClient(again)::keys);
      AppLogin anew = new AppLogin(() -> new HubLocation(api, null, "test"), file);
      refused(new HubClient(anew)::keys);
    }
    try (Daemon daemon = up()) {
      URI api = URI.create(daemon.bound().api());
      refused(new HubClient(() -> new HubLocation(api, token, "test"))::keys);
      assertThat(owner(daemon).keys()).isNotEmpty();
    }
  }

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED));
  }
}
