package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Names a network for ever: `n` and twelve characters of Crockford's base32. Safe as a file name
/// and a URL segment.
public record NetworkId(@JsonValue String text) implements Comparable<NetworkId> {
  private static final Pattern FORM = Pattern.compile("n[0-9a-hjkmnp-tv-z]{12}");

  @JsonCreator
  public NetworkId {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "not a network id: expected n and twelve letters or digits, such as n0123456789ab");
    }
  }

  public static NetworkId random(RandomGenerator random) {
    return new NetworkId(RandomWord.of('n', random));
  }

  /// Whether the text has the form of an id (and is not, say, a network's name).
  public static boolean isId(String text) {
    return FORM.matcher(text).matches();
  }

  @Override
  public int compareTo(NetworkId other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
