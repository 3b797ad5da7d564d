package io.atoll.runtime.image.registry;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.image.content.Digest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An image at a registry, as users write it: `[registry/]repository[:tag][@sha256:digest]`.
///
/// @param host with its port where one is named
/// @param tag null if only a digest is named
/// @param digest what the image must be, whatever the tag says; null if none is named
public record ImageName(
    String host, String repository, @Nullable String tag, @Nullable Digest digest) {
  /// Where names without a registry are looked for, as every container engine does.
  private static final String USUAL_HOST = "docker.io";

  private static final String USUAL_FOLDER = "library/";
  private static final int LONGEST = 512;
  private static final Pattern FORM =
      Pattern.compile(
          "(?<path>(?:[A-Za-z0-9.-]+(?::\\d{1,5})?/|\\[[0-9a-fA-F:]+](?::\\d{1,5})?/)?"
              + "[a-z0-9]+(?:(?:[._]|__|-+|/)[a-z0-9]+)*)"
              + "(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?");

  /// @throws AtollException BAD_REQUEST if it is no such name
  public static ImageName parse(String text) {
    Matcher matcher = text.length() > LONGEST ? null : FORM.matcher(text);
    if (matcher == null || !matcher.matches()) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "not the name of an image: '" + text.substring(0, Math.min(80, text.length())) + "'",
          "write [registry/]repository[:tag] or [registry/]repository@sha256:<64 hex digits>");
    }
    String path = matcher.group("path");
    String digest = matcher.group("digest");
    String tag = matcher.group("tag");
    int slash = path.indexOf('/');
    String first = slash < 0 ? "" : path.substring(0, slash);
    boolean host =
        first.contains(".")
            || first.contains(":")
            || first.equals("localhost")
            || !first.equals(first.toLowerCase(java.util.Locale.ROOT));
    String repository = host ? path.substring(slash + 1) : path;
    String at = host ? first : USUAL_HOST;
    if (at.equals(USUAL_HOST) && !repository.contains("/")) {
      repository = USUAL_FOLDER + repository;
    }
    return new ImageName(
        at,
        repository,
        tag == null && digest == null ? "latest" : tag,
        digest == null ? null : Digest.parse(digest));
  }

  /// The host that answers for the registry.
  String server() {
    return host.equals(USUAL_HOST) ? "registry-1." + USUAL_HOST : host;
  }

  /// What to ask the registry for: the digest where one is named.
  String version() {
    return digest != null ? digest.toString() : String.valueOf(tag);
  }

  /// The same image by its digest alone.
  public ImageName at(Digest exactly) {
    return new ImageName(host, repository, null, exactly);
  }

  public ImageName withTag(String other) {
    return new ImageName(host, repository, other, null);
  }

  /// The full form, by which the image is known here.
  @Override
  public String toString() {
    return host
        + "/"
        + repository
        + (tag == null ? "" : ":" + tag)
        + (digest == null ? "" : "@" + digest);
  }
}
