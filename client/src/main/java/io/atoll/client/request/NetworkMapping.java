package io.atoll.client.request;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.ByteSize;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Requests about the network of peers: defaults and checks.
public final class NetworkMapping {
  private static final Duration VALID = Duration.ofHours(24);
  private static final Duration LONGEST = Duration.ofDays(7);
  private static final long USUAL = 16L << 20;
  private static final long MOST = 1L << 30;
  private static final int LARGEST_VALUE = 32 << 10;

  private NetworkMapping() {}

  /// @param upload bytes
  /// @param download bytes
  public record Bench(long upload, long download, List<String> addresses) {}

  public record Put(String kind, String text, Duration validFor) {}

  /// The addresses of a request that may have no body.
  ///
  /// @throws AtollException BAD_REQUEST
  public static List<String> addresses(byte[] json) {
    if (json.length == 0) {
      return List.of();
    }
    JsonFields fields = JsonFields.read(json);
    List<String> addresses = PeerMapping.addresses(fields.texts("addresses"));
    fields.done();
    return addresses;
  }

  /// @throws AtollException BAD_REQUEST
  public static Bench bench(byte[] json) {
    if (json.length == 0) {
      return new Bench(USUAL, USUAL, List.of());
    }
    JsonFields fields = JsonFields.read(json);
    long upload = size("upload", fields.quantity("upload"));
    long download = size("download", fields.quantity("download"));
    List<String> addresses = PeerMapping.addresses(fields.texts("addresses"));
    fields.done();
    return new Bench(upload, download, addresses);
  }

  private static long size(String field, @Nullable String text) {
    if (text == null) {
      return USUAL;
    }
    try {
      long bytes = ByteSize.parse(text);
      if (bytes >= 0 && bytes <= MOST) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // answered below, as what is too much
    }
    throw refused(
        field + ": " + Shown.quoted(text) + " cannot be", "write a size up to 1Gi, such as 16Mi");
  }

  /// @throws AtollException BAD_REQUEST
  public static Put put(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String kind = fields.text("kind");
    String text = fields.text("text");
    String validFor = fields.text("validFor");
    fields.done();
    if (kind == null || !kind.matches("[a-z][a-z0-9-]{0,30}")) {
      throw refused(
          "kind: " + Shown.quoted(kind == null ? "" : kind) + " is no word",
          "use up to 31 small letters, digits and hyphens");
    }
    if (text == null || text.length() > LARGEST_VALUE) {
      throw refused("text: missing, or too long", "a value has at most 32 KiB");
    }
    return new Put(kind, text, valid(validFor));
  }

  private static Duration valid(@Nullable String text) {
    if (text == null) {
      return VALID;
    }
    try {
      Duration span = TimeSpan.parse(text);
      if (span.isPositive() && span.compareTo(LONGEST) <= 0) {
        return span;
      }
    } catch (IllegalArgumentException e) {
      // answered below, as what is too long
    }
    throw refused(
        "validFor: " + Shown.quoted(text) + " cannot be", "write a time up to 7d, such as 24h");
  }

  private static AtollException refused(String message, String hint) {
    return new AtollException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
