package io.atoll.runtime.image.registry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a registry wants to see before it answers (RFC 9110 section 11.6.1).
///
/// @param scheme `basic` or `bearer`, in small letters
record Challenge(String scheme, Map<String, String> parameters) {
  private static final int LONGEST = 4096;
  private static final Pattern PARAMETER =
      Pattern.compile("\\G[\\s,]*([A-Za-z_]{1,32})=(?:\"([^\"]{0,2048})\"|([^\\s,\"]{1,2048}))");

  /// The strongest that is understood; empty if none is.
  static Optional<Challenge> of(List<String> headers) {
    Optional<Challenge> basic = Optional.empty();
    for (String header : headers) {
      String text = header.strip();
      if (text.length() > LONGEST) {
        continue;
      }
      int space = text.indexOf(' ');
      String scheme = (space < 0 ? text : text.substring(0, space)).toLowerCase(Locale.ROOT);
      Map<String, String> parameters = new LinkedHashMap<>();
      Matcher matcher = PARAMETER.matcher(space < 0 ? "" : text.substring(space + 1));
      while (matcher.find()) {
        String value = matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
        parameters.putIfAbsent(matcher.group(1).toLowerCase(Locale.ROOT), String.valueOf(value));
      }
      if (scheme.equals("bearer") && parameters.containsKey("realm")) {
        return Optional.of(new Challenge(scheme, parameters));
      }
      if (scheme.equals("basic")) {
        basic = Optional.of(new Challenge(scheme, parameters));
      }
    }
    return basic;
  }
}
