package io.atoll.daemon.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.request.AppProof;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.daemon.store.KeyRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class AppLoginsTest {
  private static final Instant T0 = Instant.parse("2026-01-31T12:00:00.123456789Z");
  private static final Identity HUB = Identity.ofSeed(new byte[32]);
  private static final Identity APP = Identity.ofSeed(Arrays.copyOf(new byte[] {1}, 32));
  private static final Identity OTHER = Identity.ofSeed(Arrays.copyOf(new byte[] {2}, 32));
  private static final byte[] KEY = APP.publicKey().data();

  private final AtomicReference<Instant> now = new AtomicReference<>(T0);
  private Optional<KeyRow> app =
      Optional.of(new KeyRow("a1", "ci", "", T0, null, Base64.getEncoder().encodeToString(KEY)));
  private final AppLogins logins = logins(HUB);

  private AppLogins logins(Identity hub) {
    return new AppLogins(
        hub,
        new AppLogins.Apps() {
          @Override
          public Optional<KeyRow> byPublicKey(byte[] publicKey) {
            return app.filter(_ -> Arrays.equals(publicKey, KEY));
          }

          @Override
          public Optional<KeyRow> byId(String id) {
            return app.filter(key -> key.id().equals(id));
          }
        },
        now::get);
  }

  private static byte[] proof(Identity by, Identity hub, AppLogins.Challenge challenge) {
    return by.sign(AppProof.bytes(hub.id(), challenge.text(), challenge.expires()));
  }

  private AppLogins.Token login() {
    AppLogins.Challenge challenge = logins.challenge(KEY);
    return logins.token(KEY, challenge.text(), proof(APP, HUB, challenge));
  }

  private static void refused(String why, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED))
        .hasMessageContaining(why);
  }

  @Test
  void whoProvesAKeyGetsATokenForAWhile() {
    AppLogins.Token token = login();
    assertThat(token.app()).isEqualTo("a1");
    assertThat(logins.holder(token.text())).isEqualTo(app);
    // The hub has started again meanwhile.
    assertThat(logins(HUB).holder(token.text())).isEqualTo(app);
    now.set(token.expires().minusMillis(1));
    assertThat(logins.holder(token.text())).isPresent();
    now.set(token.expires());
    assertThat(logins.holder(token.text())).isEmpty();
    assertThat(Duration.between(T0, token.expires())).isLessThanOrEqualTo(AppLogins.TOKEN);
  }

  @Test
  void aChallengeServesOnceAndNotForLong() {
    AppLogins.Challenge challenge = logins.challenge(KEY);
    byte[] proof = proof(APP, HUB, challenge);
    logins.token(KEY, challenge.text(), proof);
    refused("answered before", () -> logins.token(KEY, challenge.text(), proof));

    AppLogins.Challenge late = logins.challenge(KEY);
    now.set(late.expires());
    refused("expired", () -> logins.token(KEY, late.text(), proof(APP, HUB, late)));
    now.set(T0);

    AppLogins.Challenge before = logins(HUB).challenge(KEY);
    refused("not one of", () -> logins.token(KEY, before.text(), proof(APP, HUB, before)));
  }

  @Test
  void aProofIsForOneHubOneKeyAndOneChallenge() {
    AppLogins.Challenge challenge = logins.challenge(KEY);
    refused("signature", () -> logins.token(KEY, challenge.text(), proof(OTHER, HUB, challenge)));
    refused("signature", () -> logins.token(KEY, challenge.text(), proof(APP, OTHER, challenge)));
    AppLogins.Challenge another = logins.challenge(KEY);
    refused("signature", () -> logins.token(KEY, challenge.text(), proof(APP, HUB, another)));
    byte[] otherKey = OTHER.publicKey().data();
    refused(
        "for this key",
        () -> logins.token(otherKey, challenge.text(), proof(OTHER, HUB, challenge)));
    AppLogins.Challenge stranger = logins.challenge(otherKey);
    refused("no app", () -> logins.token(otherKey, stranger.text(), proof(OTHER, HUB, stranger)));
    // It serves all the same, since nobody could answer it.
    assertThat(logins.token(KEY, challenge.text(), proof(APP, HUB, challenge)).app())
        .isEqualTo("a1");
  }

  @Test
  void aRevokedAppHasNothing() {
    AppLogins.Token token = login();
    AppLogins.Challenge challenge = logins.challenge(KEY);
    app = app.map(key -> key.revoked(T0));
    assertThat(logins.holder(token.text())).isEmpty();
    refused("revoked", () -> logins.token(KEY, challenge.text(), proof(APP, HUB, challenge)));
  }

  @Test
  void noByteOfATokenOrChallengeMayBeAnother() {
    String token = login().text();
    for (int i = 0; i < token.length(); i++) {
      for (char c : new char[] {'A', 'B', '_', '.', (char) (token.charAt(i) ^ 1)}) {
        String changed = token.substring(0, i) + c + token.substring(i + 1);
        if (!changed.equals(token) && AppLogins.isToken(changed)) {
          assertThat(logins.holder(changed)).as(changed).isEmpty();
        }
      }
    }
    assertThat(logins.holder(token + "A")).isEmpty();
    assertThat(logins.holder("att_")).isEmpty();
    assertThat(logins(OTHER).holder(token)).isEmpty();
    AppLogins.Challenge challenge = logins.challenge(KEY);
    for (int i = 0; i < challenge.text().length(); i++) {
      char c = challenge.text().charAt(i) == 'A' ? 'B' : 'A';
      String changed = challenge.text().substring(0, i) + c + challenge.text().substring(i + 1);
      byte[] proof = APP.sign(AppProof.bytes(HUB.id(), changed, challenge.expires()));
      refused("not one of", () -> logins.token(KEY, changed, proof));
    }
  }
}
