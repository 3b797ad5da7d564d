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
  /// No registry is usual.
  public static final String NONE = "";

  private static final int LONGEST = 512;
  private static final Pattern USUAL =
      Pattern.compile(
          "(?:[A-Za-z0-9.-]+|\\[[0-9a-fA-F:]+])(?::\\d{1,5})?(?:/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)?");
  private static final Pattern FORM =
      Pattern.compile(
          "(?<path>(?:[A-Za-z0-9.-]+(?::\\d{1,5})?/|\\[[0-9a-fA-F:]+](?::\\d{1,5})?/)?"
              + "[a-z0-9]+(?:(?:[._]|__|-+|/)[a-z0-9]+)*)"
              + "(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?");

  /// A name that says its registry.
  ///
  /// @throws AtollException BAD_REQUEST if it is no such name
  public static ImageName parse(String text) {
    return parse(text, NONE);
  }

  /// @param usual `host[/folder]` of names that say no registry; the folder is for those of one
  ///     word. Empty: they are refused
  /// @throws AtollException BAD_REQUEST if it is no such name
  public static ImageName parse(String text, String usual) {
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
    String at = host ? first : checked(usual);
    if (at.isEmpty()) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "'" + text + "' names no image of this machine, and says no registry to fetch it from",
          "write registry/"
              + text
              + ", or set the usual registry: --registry HOST[/FOLDER],"
              + " ATOLL_REGISTRY or `registry` in the configuration");
    }
    int folder = at.indexOf('/');
    if (!host && folder >= 0) {
      repository =
          repository.contains("/") ? repository : at.substring(folder + 1) + "/" + repository;
      at = at.substring(0, folder);
    }
    return new ImageName(
        at,
        repository,
        tag == null && digest == null ? "latest" : tag,
        digest == null ? null : Digest.parse(digest));
  }

  private static String checked(String usual) {
    if (!usual.isEmpty() && (usual.length() > LONGEST || !USUAL.matcher(usual).matches())) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "the usual registry cannot be '" + usual.substring(0, Math.min(80, usual.length())) + "'",
          "write HOST, HOST:PORT or HOST/FOLDER, without https://");
    }
    return usual;
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
