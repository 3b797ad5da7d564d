package io.atoll.client.config;

import java.util.List;
import java.util.Locale;

/// Something that can be set.
///
/// @param name in the file and, behind `--`, as a flag: `data-dir`
/// @param variables of the environment, the first found wins: `ATOLL_DATA_DIR`
/// @param absent the default; empty = none
/// @param secret whether its value is never shown
/// @param text one line for people
public record Setting(
    String name, List<String> variables, String absent, boolean secret, String text) {
  public Setting {
    variables = List.copyOf(variables);
  }

  /// One whose variable follows from its name.
  public static Setting of(String name, String absent, String text) {
    return new Setting(name, List.of(variable(name)), absent, false, text);
  }

  public static Setting secret(String name, String text) {
    return new Setting(name, List.of(variable(name)), "", true, text);
  }

  private static String variable(String name) {
    return "ATOLL_" + name.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
  }
}
