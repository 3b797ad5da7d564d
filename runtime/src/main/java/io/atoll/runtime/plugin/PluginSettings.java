package io.atoll.runtime.plugin;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the daemon needs to know of a runtime that the operator named.
///
/// @param name the driver's, which users write
/// @param program is executed with `serve` and `folder`, and has its listening socket as descriptor
///     3
/// @param folder is the runtime's own, and stays; its socket and its log are there
/// @param packer packs and unpacks files, with `--files`; null where there is none for this machine
public record PluginSettings(String name, Path program, Path folder, @Nullable Path packer) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,30}");

  public PluginSettings {
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' is no name of a runtime: up to 31 small letters, digits and hyphens, beginning with a letter");
    }
  }

  /// Whether a driver can have this name.
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  Path socket() {
    return folder.resolve("sock");
  }

  Path log() {
    return folder.resolve("log");
  }

  Path pid() {
    return folder.resolve("pid");
  }
}
