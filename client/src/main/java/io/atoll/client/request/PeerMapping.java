package io.atoll.client.request;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Requests about transfers and conversations: defaults and checks.
public final class PeerMapping {
  private static final int MOST_ADDRESSES = 16;
  private static final int LONGEST_ADDRESS = 512;

  private PeerMapping() {}

  public record Send(String file, String peer, List<String> addresses) {}

  public record Say(String text, List<String> addresses) {}

  /// @throws AtollException BAD_REQUEST
  public static Send send(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String file = fields.text("file");
    String peer = fields.text("peer");
    List<String> addresses = addresses(fields.texts("addresses"));
    fields.done();
    return new Send(path("file", file), given("peer", peer), addresses);
  }

  /// The folder of a request to take a file.
  ///
  /// @throws AtollException BAD_REQUEST
  public static String target(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String folder = fields.text("folder");
    fields.done();
    return path("folder", folder);
  }

  /// @throws AtollException BAD_REQUEST
  public static Say say(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String text = fields.text("text");
    List<String> addresses = addresses(fields.texts("addresses"));
    fields.done();
    return new Say(given("text", text), addresses);
  }

  private static String path(String field, @Nullable String text) {
    String path = given(field, text);
    if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw refused(
          field + ": " + Shown.quoted(path) + " is no absolute path",
          "write the whole path, as the daemon's machine knows it");
    }
    return path;
  }

  private static String given(String field, @Nullable String text) {
    if (text == null || text.isBlank()) {
      throw refused(field + ": missing", "the contract is at /openapi.json");
    }
    return text;
  }

  static List<String> addresses(@Nullable List<String> given) {
    List<String> addresses = given == null ? List.of() : given;
    if (addresses.size() > MOST_ADDRESSES
        || addresses.stream().anyMatch(address -> address.length() > LONGEST_ADDRESS)) {
      throw refused(
          "addresses: more than " + MOST_ADDRESSES + ", or one is too long", "name fewer");
    }
    return List.copyOf(addresses);
  }

  private static AtollException refused(String message, String hint) {
    return new AtollException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
