package io.atoll.client.request;

import io.atoll.core.identity.PeerId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// What an app signs to prove that it has its key: for which hub, for what, until when, and an
/// answer to what only that hub has said just now.
public final class AppProof {
  private static final String PURPOSE = "atoll app calls the API 1";

  private AppProof() {}

  /// @param challenge as the hub gave it
  /// @param expires as the hub said
  public static byte[] bytes(PeerId hub, String challenge, Instant expires) {
    return String.join("\n", PURPOSE, hub.text(), challenge, expires.toString())
        .getBytes(StandardCharsets.UTF_8);
  }
}
