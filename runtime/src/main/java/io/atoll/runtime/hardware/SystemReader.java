package io.atoll.runtime.hardware;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what the system calls itself: os-release(5) and the kernel's own words.
final class SystemReader {
  private final Path root;
  private final String javaSays;

  /// @param javaSays name and version of the system where no file tells them
  SystemReader(Path root, String javaSays) {
    this.root = root;
    this.javaSays = javaSays;
  }

  String name() {
    Map<String, String> release = release(root.resolve("etc/os-release"));
    if (release.isEmpty()) {
      release = release(root.resolve("usr/lib/os-release"));
    }
    String pretty = release.get("PRETTY_NAME");
    if (pretty != null) {
      return pretty;
    }
    String name = release.getOrDefault("NAME", release.get("ID"));
    String version = release.getOrDefault("VERSION", release.get("VERSION_ID"));
    return name == null ? javaSays : version == null ? name : name + " " + version;
  }

  String kernel() {
    String type = KernelText.word(root.resolve("proc/sys/kernel/ostype"));
    String release = KernelText.word(root.resolve("proc/sys/kernel/osrelease"));
    return type == null || release == null ? javaSays : type + " " + release;
  }

  String hostname() {
    @Nullable String name = KernelText.word(root.resolve("proc/sys/kernel/hostname"));
    return name == null ? "" : name;
  }

  private static Map<String, String> release(Path file) {
    Map<String, String> found = new HashMap<>();
    KernelText.text(file)
        .lines()
        .map(String::strip)
        .forEach(
            line -> {
              int equals = line.indexOf('=');
              String value = equals < 0 ? "" : unquoted(line.substring(equals + 1));
              if (!line.startsWith("#") && !value.isEmpty()) {
                found.put(line.substring(0, equals), value);
              }
            });
    return found;
  }

  /// As a shell reads it: quotes of either kind, and a backslash before what would mean
  /// something.
  private static String unquoted(String text) {
    boolean quoted =
        text.length() > 1
            && (text.charAt(0) == '"' || text.charAt(0) == '\'')
            && text.charAt(text.length() - 1) == text.charAt(0);
    String inside = quoted ? text.substring(1, text.length() - 1) : text;
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < inside.length(); i++) {
      char c = inside.charAt(i);
      if (c == '\\' && i + 1 < inside.length()) {
        i++;
        c = inside.charAt(i);
      }
      plain.append(c);
    }
    return plain.toString().strip();
  }
}
