package io.atoll.client.request;

import io.atoll.client.api.InviteView.Role;
import io.atoll.core.crypto.Ed25519;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Requests about invites: defaults and checks.
public final class AccessMapping {
  private static final Duration LEAST = Duration.ofMinutes(1);
  private static final Duration MOST = Duration.ofDays(30);
  private static final Duration DEFAULT = Duration.ofHours(24);
  private static final int LONGEST_INVITE = 4096;
  private static final int LONGEST_NAME = 63;
  private static final int SIGNATURE_BYTES = 64;
  private static final String KEY_PREFIX = "ed25519:";

  private AccessMapping() {}

  /// @param peer who alone may use it; null = whoever has it
  public record Invite(Role role, Duration validFor, @Nullable PeerId peer) {}

  /// One of both.
  ///
  /// @param hub peer id of a hub that admits this provider
  /// @param addresses where that hub is; none = where it is known to be
  public record Join(@Nullable String invite, @Nullable PeerId hub, List<String> addresses) {}

  public record Redeem(String invite, String name) {}

  /// @throws AtollException BAD_REQUEST
  public static Invite invite(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    Role role = role(fields.text("role"));
    Duration validFor = validFor(fields.quantity("validFor"));
    String peer = fields.text("peer");
    fields.done();
    if (peer != null && role != Role.PROVIDER) {
      throw refused(
          "peer: an app has no peer id",
          "leave peer out, or role: an app gets a key by its invite");
    }
    return new Invite(role, validFor, peer == null ? null : peer("peer", peer));
  }

  /// @throws AtollException BAD_REQUEST, INVITE_INVALID
  public static Redeem redeem(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String invite = fields.text("invite");
    String name = fields.text("name");
    fields.done();
    return new Redeem(whole(invite), name(name));
  }

  public record App(String name, byte[] publicKey) {}

  public record Proof(byte[] publicKey, String challenge, byte[] signature) {}

  /// @throws AtollException BAD_REQUEST
  public static App app(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String name = fields.text("name");
    String key = fields.text("publicKey");
    fields.done();
    return new App(name(name), publicKey(key));
  }

  /// The key of a request for a challenge.
  ///
  /// @throws AtollException BAD_REQUEST
  public static byte[] challenge(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String key = fields.text("publicKey");
    fields.done();
    return publicKey(key);
  }

  /// @throws AtollException BAD_REQUEST
  public static Proof proof(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String key = fields.text("publicKey");
    String challenge = fields.text("challenge");
    String signature = fields.text("signature");
    fields.done();
    if (challenge == null || challenge.length() > LONGEST_INVITE) {
      throw refused("challenge: missing", "ask for one at /api/v1/auth/challenge");
    }
    return new Proof(
        publicKey(key), challenge, base64("signature", signature, SIGNATURE_BYTES, ""));
  }

  private static byte[] publicKey(@Nullable String text) {
    return base64("publicKey", text, Ed25519.KEY_BYTES, KEY_PREFIX);
  }

  private static byte[] base64(String field, @Nullable String text, int length, String prefix) {
    if (text != null && text.startsWith(prefix) && text.length() < 200) {
      try {
        byte[] bytes = Base64.getDecoder().decode(text.substring(prefix.length()));
        if (bytes.length == length) {
          return bytes;
        }
      } catch (IllegalArgumentException e) {
        // answered below
      }
    }
    throw refused(
        field + ": missing, or not " + length + " bytes",
        "write " + prefix + "BASE64; `atoll app create` does it by itself");
  }

  /// As it is written in requests.
  public static String publicKeyText(byte[] key) {
    return KEY_PREFIX + Base64.getEncoder().encodeToString(key);
  }

  /// A request to join a hub.
  ///
  /// @throws AtollException BAD_REQUEST, INVITE_INVALID
  public static Join join(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String invite = fields.text("invite");
    String hub = fields.text("hub");
    List<String> addresses = PeerMapping.addresses(fields.texts("addresses"));
    fields.done();
    if (hub == null && addresses.isEmpty()) {
      return new Join(whole(invite), null, List.of());
    }
    if (hub == null || invite != null) {
      throw refused(
          "invite, hub: one of both is needed, and addresses are those of hub",
          "send the invite alone, or the peer id of a hub that admits this provider");
    }
    return new Join(null, peer("hub", hub), addresses);
  }

  private static PeerId peer(String field, String text) {
    try {
      return PeerId.parse(text.strip());
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          field + ": " + Shown.quoted(text) + " is no peer id",
          "write the id that `atoll p2p self -q` shows there, such as 12D3KooW…",
          e);
    }
  }

  private static String whole(@Nullable String invite) {
    if (invite == null || invite.isBlank()) {
      throw refused("invite: missing", "send the invite that the hub's owner gave you");
    }
    if (invite.length() > LONGEST_INVITE
        || invite.strip().chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new AtollException(
          ErrorCode.INVITE_INVALID,
          "invite: this is not an invite",
          "copy it whole, without line breaks, as the hub's owner gave it to you");
    }
    return invite.strip();
  }

  public static Role role(@Nullable String text) {
    return switch (text == null ? "provider" : text.strip().toLowerCase(Locale.ROOT)) {
      case "provider" -> Role.PROVIDER;
      case "app" -> Role.APP;
      default -> {
        String asked = String.valueOf(text);
        throw refused(
            "role: " + Shown.quoted(asked) + " is not a role",
            Nearest.hint(asked, List.of("provider", "app")) + "write provider or app");
      }
    };
  }

  private static Duration validFor(@Nullable String text) {
    if (text == null) {
      return DEFAULT;
    }
    Duration span;
    try {
      span = TimeSpan.parse(text);
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "validFor: " + Shown.quoted(text) + " cannot be read",
          "write a time span, such as 24h",
          e);
    }
    if (span.compareTo(LEAST) < 0 || span.compareTo(MOST) > 0) {
      throw refused(
          "validFor: " + Shown.quoted(text) + " is out of range",
          "write a time span from 1m to 30d");
    }
    return span;
  }

  private static String name(@Nullable String name) {
    if (name == null) {
      return "app";
    }
    if (name.isBlank()
        || name.length() > LONGEST_NAME
        || name.codePoints().anyMatch(Shown::hidden)) {
      throw refused(
          "name: " + Shown.quoted(name) + " cannot be used", "use 1 to 63 characters on one line");
    }
    return name.strip();
  }

  private static AtollException refused(String message, String hint) {
    return new AtollException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
