package io.atoll.client.cli;

import io.atoll.client.AppLogin;
import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.cli.GlobalOptions.Form;
import io.atoll.client.config.Places;
import io.atoll.client.config.Settings;
import io.atoll.client.config.Settings.Value;
import io.atoll.client.request.Nearest;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a running command works with: terminal, settings, the hub, and the form of its output.
/// Used by one command, from its thread, except where a method says otherwise.
public final class Context {
  private final Terminal terminal;
  private final Places places;
  private final Interrupts interrupts;
  private final GlobalOptions options;

  Context(Terminal terminal, Places places, Interrupts interrupts, GlobalOptions options) {
    this.terminal = terminal;
    this.places = places;
    this.interrupts = interrupts;
    this.options = options;
  }

  public Terminal terminal() {
    return terminal;
  }

  Interrupts interrupts() {
    return interrupts;
  }

  public Settings settings() {
    return settings(Map.of());
  }

  /// The settings with a command's own flags on top.
  ///
  /// @param flags by setting name
  public Settings settings(Map<String, String> flags) {
    Map<String, String> all = new HashMap<>(flags);
    if (options.dataDir != null) {
      all.put(HubLocation.DATA_DIR.name(), options.dataDir);
    }
    if (options.output != null) {
      all.put(GlobalOptions.OUTPUT.name(), options.output.name());
    }
    return new Settings(all, terminal.environment(), places);
  }

  /// The daemon's folder, by flag, environment, file or custom.
  public Path dataDir() {
    return HubLocation.dataDir(settings());
  }

  public HubClient hub() {
    Optional<Path> keyFile = HubLocation.keyFile(settings());
    return keyFile.isEmpty()
        ? new HubClient(() -> HubLocation.find(settings()))
        : new HubClient(new AppLogin(() -> HubLocation.find(settings()), keyFile.get()));
  }

  /// The daemon of this machine, whatever hub is named for other commands: a flag wins over it.
  public HubClient daemon() {
    Map<String, String> here = Map.of(HubLocation.DATA_DIR.name(), dataDir().toString());
    return new HubClient(() -> HubLocation.find(settings(here)));
  }

  public boolean quiet() {
    return options.quiet;
  }

  public boolean json() {
    return form() == Form.JSON;
  }

  private Form form() {
    if (options.output != null) {
      return options.output;
    }
    Value value = settings().find(GlobalOptions.OUTPUT).orElseThrow();
    try {
      return GlobalOptions.form(value.text());
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "output: " + e.getMessage() + " (from " + value.origin() + ")",
          Nearest.hint(value.text(), List.of("table", "json")) + "write table or json",
          e);
    }
  }

  public boolean color() {
    Map<String, String> environment = terminal.environment();
    return terminal.outIsTty()
        && !options.noColor
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !"dumb".equals(environment.get("TERM"));
  }

  /// One line of data.
  public void print(String line) {
    bytes((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /// A value as one line of JSON.
  public void printJson(Object value) {
    print(Json.write(value));
  }

  public void print(Table table) {
    bytes(table.render(terminal.width(), color()).getBytes(StandardCharsets.UTF_8));
  }

  /// Shows a table in place of the one before, on a cleared terminal.
  void redraw(Table table) {
    String text = table.render(terminal.width(), color());
    bytes(("\u001b[H\u001b[2J" + text).getBytes(StandardCharsets.UTF_8));
  }

  /// Data, as it is.
  void bytes(byte[] data) {
    try {
      terminal.out().write(data);
      terminal.out().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Something for people, beside the data. Any thread.
  public void note(String text) {
    PrintStream err = terminal.err();
    synchronized (err) {
      err.println("atoll: " + text);
      err.flush();
    }
  }

  /// Progress: said only where a person watches. Any thread.
  public void progress(String text) {
    if (terminal.errIsTty() && !options.quiet) {
      note(text);
    }
  }
}
