package io.atoll.client.cli;

import io.atoll.client.config.Setting;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/// Options that every command takes, before or behind its name.
final class GlobalOptions {
  static final Setting OUTPUT = Setting.of("output", "table", "form of the output: table or json");

  enum Form {
    TABLE,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      scope = ScopeType.INHERIT,
      converter = FormConverter.class,
      description = "Form of the output: table or json.")
  @Nullable Form output;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Print only ids (or the one value that was asked for).")
  boolean quiet;

  @Option(
      names = "--no-color",
      scope = ScopeType.INHERIT,
      description = "No colours; NO_COLOR in the environment does the same.")
  boolean noColor;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "Folder of the daemon on this machine (ATOLL_DATA_DIR).")
  @Nullable String dataDir;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  boolean help;

  static Form form(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "table" -> Form.TABLE;
      case "json" -> Form.JSON;
      default ->
          throw new IllegalArgumentException(
              "'" + text + "' is not one of " + List.of("table", "json"));
    };
  }

  static final class FormConverter implements ITypeConverter<Form> {
    @Override
    public Form convert(String text) {
      try {
        return form(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
