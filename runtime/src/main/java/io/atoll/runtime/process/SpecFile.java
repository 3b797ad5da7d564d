package io.atoll.runtime.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.runtime.cgroup.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Writes `spec`: words `key=value`, each ended by a zero byte. `supervisor/spec.c` lists the keys.
final class SpecFile {
  static final String NAME = "spec";
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  SpecFile() {
    word("atoll-spec", "1");
  }

  SpecFile word(String key, Object value) {
    bytes.writeBytes((key + "=" + value).getBytes(UTF_8));
    bytes.write(0);
    return this;
  }

  SpecFile group(Entry entry) {
    entry.enter().forEach(file -> word("enter", file));
    if (entry.into() != null) {
      word("into", entry.into());
    }
    entry.folders().forEach(folder -> word("remove", folder));
    if (entry.kill() != null) {
      word("kill", entry.kill());
    }
    if (entry.oom() != null) {
      word("oom", entry.oom());
    }
    if (entry.peak() != null) {
      word("peak", entry.peak());
    }
    if (entry.thawFile() != null) {
      word("thaw", entry.thawText() + ":" + entry.thawFile());
    }
    return this;
  }

  byte[] end() {
    word("end", "");
    return bytes.toByteArray();
  }

  /// The values of one key in a run's spec; none if there is no spec.
  static List<String> values(Path folder, String key) {
    try {
      List<String> values = new ArrayList<>();
      for (String word : Files.readString(folder.resolve(NAME)).split("\0")) {
        if (word.startsWith(key + "=")) {
          values.add(word.substring(key.length() + 1));
        }
      }
      return values;
    } catch (IOException e) {
      return List.of();
    }
  }
}
