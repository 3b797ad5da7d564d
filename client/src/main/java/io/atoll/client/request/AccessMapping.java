package io.atoll.client.request;

import io.atoll.client.api.InviteView.Role;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.time.Duration;
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

  private AccessMapping() {}

  public record Invite(Role role, Duration validFor) {}

  public record Redeem(String invite, String name) {}

  /// @throws AtollException BAD_REQUEST
  public static Invite invite(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    Role role = role(fields.text("role"));
    Duration validFor = validFor(fields.quantity("validFor"));
    fields.done();
    return new Invite(role, validFor);
  }

  /// @throws AtollException BAD_REQUEST, INVITE_INVALID
  public static Redeem redeem(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String invite = fields.text("invite");
    String name = fields.text("name");
    fields.done();
    return new Redeem(whole(invite), name(name));
  }

  /// The invite of a request to join a hub.
  ///
  /// @throws AtollException BAD_REQUEST, INVITE_INVALID
  public static String join(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String invite = fields.text("invite");
    fields.done();
    return whole(invite);
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
