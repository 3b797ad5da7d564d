package io.atoll.client.request;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Resources;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Searches among advertisements: defaults and checks.
public final class AdvertMapping {
  /// Names of what a search may say, as in the API.
  public static final List<String> PARAMETERS =
      List.of("kind", "cpus", "memory", "disk", "driver", "os", "arch", "limit");

  private static final int DEFAULT = 100;
  private static final int MOST = 1000;
  private static final int LONGEST = 64;

  private AdvertMapping() {}

  /// @param least what a provider should have free
  /// @param driver that it should offer, and
  /// @param os and
  /// @param arch null = any
  public record Query(
      boolean hubs,
      Resources least,
      @Nullable String driver,
      @Nullable String os,
      @Nullable String arch,
      int limit) {}

  /// Where a search says a parameter.
  @FunctionalInterface
  public interface Said {
    Optional<String> find(String parameter);
  }

  /// @throws AtollException BAD_REQUEST
  public static Query query(Said said) {
    String kind = said.find("kind").orElse("provider");
    if (!kind.equals("provider") && !kind.equals("hub")) {
      throw refused("kind", kind, "write provider or hub");
    }
    return new Query(
        kind.equals("hub"),
        new Resources(
            TaskMapping.cpuMillis(said.find("cpus").orElse(null), 0),
            TaskMapping.bytes("memory", said.find("memory").orElse(null), 0, 0),
            TaskMapping.bytes("disk", said.find("disk").orElse(null), 0, 0)),
        word("driver", said),
        word("os", said),
        word("arch", said),
        limit(said.find("limit").orElse(null)));
  }

  private static @Nullable String word(String parameter, Said said) {
    String word = said.find(parameter).orElse(null);
    if (word != null && (word.isBlank() || word.length() > LONGEST)) {
      throw refused(parameter, word, "write one word");
    }
    return word;
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return DEFAULT;
    }
    if (!text.matches("[0-9]{1,4}")
        || Integer.parseInt(text) < 1
        || Integer.parseInt(text) > MOST) {
      throw refused("limit", text, "write a number from 1 to " + MOST);
    }
    return Integer.parseInt(text);
  }

  private static AtollException refused(String parameter, String text, String hint) {
    return new AtollException(
        ErrorCode.BAD_REQUEST, parameter + ": " + Shown.quoted(text) + " cannot be used", hint);
  }
}
