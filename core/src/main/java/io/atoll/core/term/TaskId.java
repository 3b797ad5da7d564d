package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Names a task for ever: `t` and twelve characters of Crockford's base32 (60 random bits). Safe as
/// a file name, a container name and a URL segment.
public record TaskId(@JsonValue String text) implements Comparable<TaskId> {
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final Pattern FORM = Pattern.compile("t[0-9a-hjkmnp-tv-z]{12}");

  @JsonCreator
  public TaskId {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "not a task id: expected t and twelve letters or digits, such as t0123456789ab");
    }
  }

  public static TaskId random(RandomGenerator random) {
    long bits = random.nextLong();
    StringBuilder text = new StringBuilder("t");
    for (int i = 0; i < 12; i++) {
      text.append(ALPHABET.charAt((int) (bits >>> (5 * i)) & 31));
    }
    return new TaskId(text.toString());
  }

  /// Whether the text has the form of an id (and is not, say, a task's name).
  public static boolean isId(String text) {
    return FORM.matcher(text).matches();
  }

  @Override
  public int compareTo(TaskId other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
