package io.atoll.scheduler.engine;

import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Resources;
import io.atoll.scheduler.model.Adjustment;
import io.atoll.scheduler.model.Adjustment.Part;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Why.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/// Amounts and changes for people: what they can type.
final class Words {
  private Words() {}

  static String cpus(long millis) {
    return millis % 1000 == 0
        ? Long.toString(millis / 1000)
        : String.format(Locale.ROOT, "%.3f", millis / 1000.0).replaceAll("0+$", "");
  }

  static String bytes(long bytes) {
    return ByteSize.format(Math.max(0, bytes));
  }

  static String of(Part part, long amount) {
    return switch (part) {
      case CPU -> cpus(Math.max(0, amount)) + " cpus";
      case MEMORY -> bytes(amount) + " of memory";
      case DISK -> bytes(amount) + " of disk";
    };
  }

  static String of(Task task, Suggestion suggestion) {
    List<String> changes = new ArrayList<>();
    for (Adjustment adjustment : suggestion.adjustments()) {
      changes.add(of(task, adjustment));
    }
    return String.join(", ", changes);
  }

  private static String of(Task task, Adjustment adjustment) {
    return switch (adjustment) {
      case Adjustment.Less(Part part, long by) -> less(part, task.demand().resources(), by);
      case Adjustment.OtherDriver(String driver) -> "--driver " + driver;
      case Adjustment.Without(var right) ->
          switch (right) {
            case BARE -> "leave out the wish to run without a sandbox";
            case EGRESS -> "publish no ports";
            case NETWORKED -> "leave out its private networks";
          };
      case Adjustment.OtherArch(String arch) -> "architecture " + arch;
      case Adjustment.WithoutLabels(var keys) ->
          "without the labels " + String.join(", ", new TreeSet<>(keys));
      case Adjustment.AlsoLocation(String location) ->
          location.isEmpty() ? "also where no location is told" : "also in location " + location;
      case Adjustment.AlsoTrust(String circle) ->
          circle.isEmpty() ? "on anybody's nodes" : "also on nodes of " + circle;
      case Adjustment.AnyNode _ -> "leave out --node";
      case Adjustment.NotAvoiding _ -> "again where it failed";
      case Adjustment.PayMore(long by) ->
          "a price of " + (task.demand().where().maxPrice() + by) + " for a core and hour";
      case Adjustment.Farther(var near, int by) ->
          "within " + (near.millis() + by) + " ms of " + near.name();
      case Adjustment.Anywhere(var near) -> "however far from " + near.name();
      case Adjustment.WithoutGroup _ -> "without its group";
    };
  }

  private static String less(Part part, Resources asked, long by) {
    long was = part.of(asked);
    return switch (part) {
      case CPU -> "--cpus " + cpus(was - by) + " (asked: " + cpus(was) + ")";
      case MEMORY -> "--memory " + atMost(was - by) + " (asked: " + bytes(was) + ")";
      case DISK -> "--disk " + atMost(was - by) + " (asked: " + bytes(was) + ")";
    };
  }

  /// A size that people can type and that is not more than `bytes`.
  private static String atMost(long bytes) {
    String units = "KMGTP";
    for (int i = units.length() - 1; i >= 0; i--) {
      long unit = 1L << (10 * (i + 1));
      if (bytes >= 10 * unit || (bytes >= unit && bytes % unit == 0)) {
        return bytes / unit + units.substring(i, i + 1) + "i";
      }
    }
    return Long.toString(bytes);
  }
}
