package io.atoll.client.config;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The settings in force. The files are read when first needed.
public final class Settings {
  /// Where a value came from; a lower one is looked at only if the higher have none.
  public enum Layer {
    FLAG,
    ENVIRONMENT,
    DOTENV,
    FILE,
    DEFAULT
  }

  /// @param origin for people: `--data-dir`, `ATOLL_HUB`, a file's path, `default`
  public record Value(String text, Layer layer, String origin) {}

  private final Map<String, String> flags;
  private final Map<String, String> environment;
  private final Places places;
  private final Map<Path, Map<String, String>> files = new LinkedHashMap<>();

  /// @param flags by setting name
  /// @param environment the process's
  /// @param places where files and folders are
  public Settings(Map<String, String> flags, Map<String, String> environment, Places places) {
    this.flags = Map.copyOf(flags);
    this.environment = environment;
    this.places = places;
  }

  public Places places() {
    return places;
  }

  /// The value in force; empty if it is set nowhere and has no default.
  public Optional<Value> find(Setting setting) {
    String flag = flags.get(setting.name());
    if (flag != null) {
      return Optional.of(new Value(flag, Layer.FLAG, "--" + setting.name().replace('.', '-')));
    }
    for (String variable : setting.variables()) {
      String value = environment.get(variable);
      if (value != null && !value.isEmpty()) {
        return Optional.of(new Value(value, Layer.ENVIRONMENT, variable));
      }
    }
    for (String variable : setting.variables()) {
      String value = read(places.dotenv()).get(variable);
      if (value != null && !value.isEmpty()) {
        return Optional.of(new Value(value, Layer.DOTENV, variable + " in " + places.dotenv()));
      }
    }
    String value = read(places.configFile()).get(setting.name());
    if (value != null && !value.isEmpty()) {
      return Optional.of(new Value(value, Layer.FILE, places.configFile().toString()));
    }
    return setting.absent().isEmpty()
        ? Optional.empty()
        : Optional.of(new Value(setting.absent(), Layer.DEFAULT, "default"));
  }

  /// Names in the user's file that are no settings: most likely typing mistakes.
  public List<String> unknown(List<Setting> known) {
    List<String> names = known.stream().map(Setting::name).toList();
    List<String> unknown = new ArrayList<>(read(places.configFile()).keySet());
    unknown.removeAll(names);
    return unknown;
  }

  private Map<String, String> read(Path file) {
    return files.computeIfAbsent(file, Settings::parse);
  }

  /// Lines of `key = value`; `#` begins a comment line; `export ` and quotes are taken off.
  private static Map<String, String> parse(Path file) {
    Map<String, String> entries = new LinkedHashMap<>();
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return entries;
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "cannot read the settings in " + file + ": " + e.getMessage(),
          "make it a readable text file in UTF-8, or remove it",
          e);
    }
    int number = 0;
    for (String raw : text.split("\n")) {
      number++;
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals <= 0) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            "line " + number + " of " + file + " is not a setting",
            "write key = value, or begin the line with #");
      }
      String key = line.substring(0, equals).strip();
      entries.put(
          key.startsWith("export ") ? key.substring(7).strip() : key,
          unquoted(line.substring(equals + 1).strip()));
    }
    return entries;
  }

  private static String unquoted(String value) {
    boolean quoted =
        value.length() >= 2
            && (value.charAt(0) == '"' || value.charAt(0) == '\'')
            && value.charAt(value.length() - 1) == value.charAt(0);
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
