package io.atoll.client.cli;

import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import picocli.CommandLine.Option;

/// How often a `ping` measures, and how it says what it measured.
final class PingCount {
  private static final int MOST = 1000;

  @Option(
      names = {"-c", "--count"},
      paramLabel = "N",
      defaultValue = "1",
      description = "How often (1).")
  int count;

  boolean wrong() {
    return count < 1 || count > MOST;
  }

  /// @param kind of what is measured, and
  /// @param name as they are printed
  /// @param roundTrip measures it once, in milliseconds
  void measure(Context context, String kind, String name, DoubleSupplier roundTrip) {
    for (int i = 0; i < count; i++) {
      double millis = roundTrip.getAsDouble();
      if (context.json()) {
        context.printJson(Map.of(kind, name, "millis", millis));
      } else {
        context.print(
            context.quiet() ? Double.toString(millis) : name + " answered in " + millis(millis));
      }
    }
  }

  static String millis(double millis) {
    return String.format(Locale.ROOT, "%.2f ms", millis);
  }
}
