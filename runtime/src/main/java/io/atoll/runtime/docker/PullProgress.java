package io.atoll.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/// One line about a pull, summed over its layers, from the engine's many lines about each.
final class PullProgress {
  private static final long INTERVAL_NANOS = 1_000_000_000L;

  private record Layer(long current, long total) {}

  private final String image;
  private final PullListener listener;
  private final LongSupplier nanos;
  private final Map<String, Layer> downloads = new HashMap<>();
  private final Map<String, Layer> extractions = new HashMap<>();
  private long toldAt;

  /// @param nanos a monotonic clock
  PullProgress(String image, PullListener listener, LongSupplier nanos) {
    this.image = image;
    this.listener = listener;
    this.nanos = nanos;
    tell("pulling " + image);
  }

  /// @param line as the engine writes it: `id`, `status`, `progressDetail`
  void take(JsonNode line) {
    String layer = line.path("id").asText("");
    JsonNode detail = line.path("progressDetail");
    switch (line.path("status").asText("")) {
      case "Downloading" -> note(downloads, layer, detail);
      case "Extracting" -> note(extractions, layer, detail);
      case "Download complete" -> complete(downloads, layer);
      case "Pull complete" -> {
        complete(downloads, layer);
        complete(extractions, layer);
      }
      default -> {}
    }
    if (nanos.getAsLong() - toldAt >= INTERVAL_NANOS) {
      tell(text());
    }
  }

  private static void note(Map<String, Layer> layers, String layer, JsonNode detail) {
    long total = detail.path("total").asLong(0);
    if (total > 0) {
      layers.put(layer, new Layer(detail.path("current").asLong(0), total));
    }
  }

  private static void complete(Map<String, Layer> layers, String layer) {
    layers.computeIfPresent(layer, (_, known) -> new Layer(known.total(), known.total()));
  }

  private String text() {
    boolean downloaded =
        !extractions.isEmpty()
            && downloads.values().stream().allMatch(layer -> layer.current() >= layer.total());
    Map<String, Layer> counted = downloaded ? extractions : downloads;
    long current = counted.values().stream().mapToLong(Layer::current).sum();
    long total = counted.values().stream().mapToLong(Layer::total).sum();
    String verb = downloaded ? "unpacking " : "pulling ";
    return verb + image + (total == 0 ? "" : ": " + size(current) + "/" + size(total));
  }

  /// In the decimal units that engines and registries use.
  private static String size(long bytes) {
    return bytes < 10_000_000
        ? String.format(Locale.ROOT, "%.1fMB", bytes / 1e6)
        : bytes / 1_000_000 + "MB";
  }

  private void tell(String text) {
    toldAt = nanos.getAsLong();
    listener.progress(image, text);
  }
}
