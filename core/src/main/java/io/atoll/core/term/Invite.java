package io.atoll.core.term;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One string that lets one provider join a hub, or gives one app a key to it: `atoll-invite-` and
/// the base64url form of this record's JSON. Whoever has the string has the right; it never prints.
///
/// @param id names it at the hub
/// @param secret 256 random bits, base64url
/// @param hub who gave it
/// @param addresses multiaddrs of the hub, for a provider
/// @param api URL of the hub's API, for an app; empty if none is reachable from outside
/// @param payment what the hub paid a provider that works for payment; null = nothing
public record Invite(
    String id,
    String secret,
    PeerId hub,
    List<String> addresses,
    String api,
    @Nullable String payment) {
  private static final String PREFIX = "atoll-invite-";

  public Invite {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(hub, "hub");
    Objects.requireNonNull(api, "api");
    addresses = List.copyOf(addresses);
  }

  /// One that nothing was paid for.
  public Invite(String id, String secret, PeerId hub, List<String> addresses, String api) {
    this(id, secret, hub, addresses, api, null);
  }

  /// One without a secret, for a provider whose peer id the hub admits: it only says which hub, by
  /// its key, and where it is.
  public static Invite pinned(PeerId hub, List<String> addresses, String api) {
    return new Invite("", "", hub, addresses, api);
  }

  public Invite withPayment(String reference) {
    return new Invite(id, secret, hub, addresses, api, reference);
  }

  /// @throws AtollException INVITE_INVALID if the text is not a whole invite
  public static Invite parse(String text) {
    String stripped = text.strip();
    try {
      if (stripped.startsWith(PREFIX) && stripped.length() < 8192) {
        byte[] json = Base64.getUrlDecoder().decode(stripped.substring(PREFIX.length()));
        return Json.read(json, Invite.class);
      }
    } catch (IOException | RuntimeException e) {
      throw malformed(e);
    }
    throw malformed(null);
  }

  private static AtollException malformed(@Nullable Exception cause) {
    return new AtollException(
        ErrorCode.INVITE_INVALID,
        "this is not a whole invite",
        "copy the one line that `atoll invite create` printed; it begins with " + PREFIX,
        cause);
  }

  /// The string to hand over.
  public String text() {
    byte[] json = Json.write(this).getBytes(StandardCharsets.UTF_8);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(json);
  }

  @Override
  public String toString() {
    return "Invite[" + id + " of " + hub + "]";
  }
}
