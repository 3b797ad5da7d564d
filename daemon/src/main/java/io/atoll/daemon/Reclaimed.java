package io.atoll.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.json.Json;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How much of what dead activities left this daemon has given back to the machine since it came
/// up, counted by kind in a file of the data folder, where `atoll doctor` reads it.
final class Reclaimed {
  private static final Logger LOG = LoggerFactory.getLogger(Reclaimed.class);
  private static final String FILE = "reclaimed.json";

  private final Path file;
  private final Instant since = Instant.now();
  private final Map<String, int[]> counts = new TreeMap<>(); // guarded by this

  Reclaimed(Path dataDir) {
    this.file = dataDir.resolve(FILE);
    add("runs", 0, 0);
  }

  /// @param kind for people, in the plural
  /// @param left how many could not be removed
  synchronized void add(String kind, int gone, int left) {
    int[] count = counts.computeIfAbsent(kind, any -> new int[2]);
    count[0] += gone;
    count[1] += left;
    ObjectNode node = Json.mapper().createObjectNode().put("since", since.toString());
    counts.forEach((name, both) -> node.putArray(name).add(both[0]).add(both[1]));
    try {
      PrivateFiles.createIfAbsent(file);
      Files.write(file, Json.bytes(node));
    } catch (IOException e) {
      LOG.debug("{} is not written: {}", file, e.toString());
    }
    if (gone + left > 0) {
      LOG.info("removed {} {} that belong to no task; {} could not be removed", gone, kind, left);
    }
  }

  /// What the daemon of a data folder has counted, for people.
  static List<Finding> of(Path dataDir) throws IOException {
    byte[] text;
    try {
      text = Files.readAllBytes(dataDir.resolve(FILE));
    } catch (NoSuchFileException e) {
      return List.of(new Finding("leftovers", Level.OK, "no provider has run here yet", ""));
    }
    var node = Json.mapper().readTree(text);
    List<String> words = new ArrayList<>();
    int left = 0;
    for (var entry : node.properties()) {
      if (entry.getValue().isArray()) {
        words.add(entry.getValue().path(0).asInt() + " " + entry.getKey());
        left += entry.getValue().path(1).asInt();
      }
    }
    String cause =
        "given back since "
            + node.path("since").asText()
            + ": "
            + String.join(", ", words)
            + (left == 0 ? "" : "; " + left + " could not be removed");
    return List.of(
        left == 0
            ? new Finding("leftovers", Level.OK, cause, "")
            : new Finding(
                "leftovers",
                Level.LIMITED,
                cause,
                "see the daemon's log for each; it tries again when it starts"));
  }
}
