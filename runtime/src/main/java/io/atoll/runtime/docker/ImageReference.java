package io.atoll.runtime.docker;

import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.driver.DriverException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The name of an image as users write it: `[registry/]repository[:tag][@sha256:digest]`.
///
/// @param repository with its registry where one is named
/// @param version a digest if one is named, else the tag, else `latest`
record ImageReference(String repository, String version) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?<repository>(?:[A-Za-z0-9.-]+(?::\\d{1,5})?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
              + "(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?");
  private static final Pattern ID = Pattern.compile("sha256:[0-9a-f]{64}");

  static ImageReference parse(String text) throws DriverException {
    Matcher matcher = FORM.matcher(text);
    if (text.length() > 512 || ID.matcher(text).matches() || !matcher.matches()) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "not the name of an image: '" + text.substring(0, Math.min(80, text.length())) + "'",
          "write [registry/]repository[:tag] or [registry/]repository@sha256:<64 hex digits>");
    }
    String digest = matcher.group("digest");
    String tag = matcher.group("tag");
    return new ImageReference(
        matcher.group("repository"), digest != null ? digest : tag != null ? tag : "latest");
  }

  boolean isDigest() {
    return version.startsWith("sha256:");
  }

  /// As the engine understands it in paths and bodies.
  @Override
  public String toString() {
    return repository + (isDigest() ? "@" : ":") + version;
  }
}
