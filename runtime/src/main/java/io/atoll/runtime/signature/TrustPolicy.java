package io.atoll.runtime.signature;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import io.atoll.runtime.image.content.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which images may run: those that one of the rules names, or that somebody signed whom one of the
/// rules names. No rules, no images.
///
/// Kept in a file `{"allow": ["sha256:…", "ed25519:…"]}`. A file that is not there, or cannot be
/// read or understood, allows nothing; `TrustFile` writes the one of a fresh install.
///
/// @param rules in the order given
/// @param broken why nothing is allowed although rules may have been meant; null if they are known
public record TrustPolicy(List<TrustRule> rules, @Nullable String broken) {
  private static final long LARGEST = 1 << 20;

  public TrustPolicy {
    rules = List.copyOf(rules);
  }

  public static TrustPolicy of(List<TrustRule> rules) {
    return new TrustPolicy(List.copyOf(new LinkedHashSet<>(rules)), null);
  }

  /// Never fails: what is wrong with the file is the reason of every refusal.
  public static TrustPolicy read(Path file) {
    if (Files.notExists(file)) {
      return new TrustPolicy(List.of(), "the trust policy " + file + " is gone");
    }
    try {
      if (Files.size(file) > LARGEST) {
        return broken(file, "it is too large");
      }
      JsonNode allow = Json.mapper().readTree(Files.readAllBytes(file)).path("allow");
      if (!allow.isArray()) {
        return broken(file, "it has no list 'allow'");
      }
      List<TrustRule> rules = new ArrayList<>();
      for (JsonNode rule : allow) {
        if (!rule.isTextual()) {
          return broken(file, "'allow' holds what is no text");
        }
        rules.add(TrustRule.parse(rule.asText()));
      }
      return of(rules);
    } catch (IOException | IllegalArgumentException e) {
      return broken(file, String.valueOf(e.getMessage()));
    }
  }

  private static TrustPolicy broken(Path file, String why) {
    String plain = why.replaceAll("\\p{Cntrl}", " ");
    return new TrustPolicy(
        List.of(), "the trust policy " + file + " cannot be understood: " + plain);
  }

  /// @throws IOException if it cannot be written; what was there stays
  public void write(Path file) throws IOException {
    DurableFiles.write(
        file, Json.bytes(Map.of("allow", rules.stream().map(TrustRule::toString).toList())));
  }

  /// Whether some images may not run, and what comes without an image may not either.
  public boolean restricted() {
    return !rules.contains(new TrustRule.Any());
  }

  /// Of a task that brings no image, so that nobody can vouch for what it runs.
  public Verdict withoutImage() {
    return restricted()
        ? new Verdict.Refused(
            broken != null
                ? broken
                : "this machine runs only images that it trusts, and the task has none")
        : new Verdict.Allowed("everything is allowed");
  }

  /// @param signatures what is known; false ones count for nothing
  public Verdict judge(Subject image, List<ImageSignature> signatures) {
    if (broken != null) {
      return new Verdict.Refused(broken);
    }
    for (TrustRule rule : rules) {
      boolean allows =
          switch (rule) {
            case TrustRule.Any() -> true;
            case TrustRule.Hash(var digest) -> image.is(digest);
            case TrustRule.Key(byte[] key) ->
                signatures.stream()
                    .anyMatch(
                        one ->
                            one instanceof ImageSignature.Detached detached
                                && image.is(detached.digest())
                                && detached.by(key));
            case TrustRule.Cosign(byte[] spki) ->
                signatures.stream()
                    .anyMatch(
                        one ->
                            one instanceof ImageSignature.Cosigned cosigned
                                && image.is(cosigned.digest())
                                && cosigned.by(spki));
          };
      if (allows) {
        return new Verdict.Allowed(
            switch (rule) {
              case TrustRule.Any _ -> "everything is allowed";
              case TrustRule.Hash hash -> "its hash is listed: " + hash;
              case TrustRule.Key key -> "signed by " + key;
              case TrustRule.Cosign key -> "signed by " + key;
            });
      }
    }
    return new Verdict.Refused(
        rules.isEmpty()
            ? "the trust policy allows no image"
            : "the image "
                + image.name()
                + " ("
                + image.digest()
                + ") is not listed, and none of its "
                + signatures.size()
                + " signatures is of a listed key");
  }
}
