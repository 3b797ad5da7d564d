package io.atoll.client.request;

import java.time.Duration;

/// Time spans as people write them: `2h30m`, `90s`, `1d`, `500ms`, `45` (seconds).
public final class TimeSpan {
  private static final long LONGEST_DAYS = 3650;

  private TimeSpan() {}

  /// @throws IllegalArgumentException if the text is no time span or one of more than ten years
  public static Duration parse(String text) {
    String rest = text.strip();
    Duration sum = Duration.ZERO;
    int at = 0;
    boolean bare = !rest.isEmpty() && rest.length() <= 12;
    while (at < rest.length()) {
      int digits = at;
      while (digits < rest.length() && Character.digit(rest.charAt(digits), 10) >= 0) {
        digits++;
      }
      int unit = digits;
      while (unit < rest.length() && Character.isLetter(rest.charAt(unit))) {
        unit++;
      }
      if (digits == at || digits - at > 12 || (digits == unit && at > 0)) {
        throw wrong(text);
      }
      long count = Long.parseLong(rest.substring(at, digits));
      if (digits < unit) {
        bare = false;
      }
      sum =
          sum.plus(
              switch (rest.substring(digits, unit)) {
                case "d" -> days(count, text);
                case "h" -> Duration.ofHours(count);
                case "m" -> Duration.ofMinutes(count);
                case "s", "" -> Duration.ofSeconds(count);
                case "ms" -> Duration.ofMillis(count);
                default -> throw wrong(text);
              });
      at = unit;
    }
    if (rest.isEmpty() || (!bare && Character.digit(rest.charAt(rest.length() - 1), 10) >= 0)) {
      throw wrong(text);
    }
    if (sum.toDays() > LONGEST_DAYS) {
      throw new IllegalArgumentException(Shown.quoted(text) + " is more than ten years");
    }
    return sum;
  }

  /// The shortest exact form in whole seconds: `2h30m`, `45s`.
  public static String format(Duration span) {
    long seconds = span.toSeconds();
    if (seconds <= 0) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    seconds = take(text, seconds, 86_400, 'd');
    seconds = take(text, seconds, 3_600, 'h');
    seconds = take(text, seconds, 60, 'm');
    take(text, seconds, 1, 's');
    return text.toString();
  }

  private static long take(StringBuilder text, long seconds, long unit, char name) {
    if (seconds >= unit) {
      text.append(seconds / unit).append(name);
    }
    return seconds % unit;
  }

  private static Duration days(long count, String text) {
    if (count > LONGEST_DAYS) {
      throw new IllegalArgumentException(Shown.quoted(text) + " is more than ten years");
    }
    return Duration.ofDays(count);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "not a time span: "
            + Shown.quoted(text)
            + "; write seconds or units, such as 90s or 2h30m");
  }
}
