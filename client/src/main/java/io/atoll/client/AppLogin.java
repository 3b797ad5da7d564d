package io.atoll.client;

import io.atoll.client.api.ChallengeRequest;
import io.atoll.client.api.ChallengeView;
import io.atoll.client.api.TokenRequest;
import io.atoll.client.api.TokenView;
import io.atoll.client.request.AccessMapping;
import io.atoll.client.request.AppProof;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Where a hub is, with a token that an app's own key was proved for. The key itself stays in its
/// file. A token is used until it has little time left; safe for several threads.
public final class AppLogin implements Supplier<HubLocation> {
  private static final Duration LEFT = Duration.ofMinutes(2);
  private static final String PROOF = "proof";

  private final Supplier<HubLocation> location;
  private final Path file;
  private @Nullable TokenView token; // guarded by this, as the next
  private @Nullable HubLocation of;

  /// @param location of the hub; a key in it is not used
  /// @param file with the app's key, as `atoll app create` made it
  public AppLogin(Supplier<HubLocation> location, Path file) {
    this.location = location;
    this.file = file;
  }

  @Override
  public synchronized HubLocation get() {
    HubLocation hub = location.get().with(null, file.toString());
    TokenView known = token;
    if (known == null || !hub.equals(of) || Instant.now().isAfter(known.expiresAt().minus(LEFT))) {
      known = login(hub);
      token = known;
      of = hub;
    }
    return hub.with(known.token(), file.toString());
  }

  private TokenView login(HubLocation hub) {
    if (!Files.isRegularFile(file)) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "there is no app's key in " + file + ", which ATOLL_KEY_FILE names",
          "make an app and its key with `atoll app create NAME --key-file FILE`, as the hub's"
              + " owner");
    }
    Identity app = Identity.at(file);
    String publicKey = AccessMapping.publicKeyText(app.publicKey().data());
    // Both routes are open and look at no key. With one named, a refusal names the file.
    HubLocation proving = hub.with(PROOF, file.toString());
    HubClient open = new HubClient(() -> proving);
    ChallengeView challenge =
        open.post("/api/v1/auth/challenge", new ChallengeRequest(publicKey), ChallengeView.class);
    byte[] proof =
        AppProof.bytes(new PeerId(challenge.hub()), challenge.challenge(), challenge.expiresAt());
    String signature = Base64.getEncoder().encodeToString(app.sign(proof));
    return open.post(
        "/api/v1/auth/token",
        new TokenRequest(publicKey, challenge.challenge(), signature),
        TokenView.class);
  }
}
