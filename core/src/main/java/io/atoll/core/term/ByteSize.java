package io.atoll.core.term;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sizes as people write them: `512M` (10⁶), `4Gi` (2³⁰), `1048576`.
public final class ByteSize {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,6})?)\\s*([kKMGTP]?)(i?)[bB]?");
  private static final String UNITS = "KMGTP";

  private ByteSize() {}

  /// @throws IllegalArgumentException if the text is no size or more than 2⁶³−1 bytes
  public static long parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not a size: '" + text + "'; write bytes or a unit, such as 512M, 4Gi or 1.5G");
    }
    String unit = matcher.group(2).toUpperCase(Locale.ROOT);
    double base = matcher.group(3).isEmpty() ? 1000 : 1024;
    double bytes =
        Double.parseDouble(matcher.group(1))
            * Math.pow(base, UNITS.indexOf(unit) + (unit.isEmpty() ? 0 : 1));
    if (bytes > 9.2e18) {
      throw new IllegalArgumentException("not a size: '" + text + "' is more than 8 EiB");
    }
    return Math.round(bytes);
  }

  /// The shortest exact or one-decimal form, in binary units: `512Mi`, `1.5Gi`, `17`.
  public static String format(long bytes) {
    double value = bytes;
    int unit = -1;
    while (value >= 1024 && unit < UNITS.length() - 1) {
      value /= 1024;
      unit++;
    }
    if (unit < 0) {
      return Long.toString(bytes);
    }
    String number =
        value == Math.rint(value)
            ? Long.toString((long) value)
            : String.format(Locale.ROOT, "%.1f", value);
    return number + UNITS.charAt(unit) + "i";
  }
}
