package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Names a task for ever: `t` and twelve characters of Crockford's base32 (60 random bits). Safe as
/// a file name, a container name and a URL segment.
public record TaskId(@JsonValue String text) implements Comparable<TaskId> {
  private static final Pattern FORM = Pattern.compile("t[0-9a-hjkmnp-tv-z]{12}");

  @JsonCreator
  public TaskId {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "not a task id: expected t and twelve letters or digits, such as t0123456789ab");
    }
  }

  public static TaskId random(RandomGenerator random) {
    return new TaskId(RandomWord.of('t', random));
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
