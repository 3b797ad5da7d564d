package io.atoll.runtime.driver;

import io.atoll.core.exec.TerminalSize;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A session beside a payload.
///
/// @param id names the session; whoever begins it chooses it
public record ExecSpec(String id, ExecOrder order) {
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

  public ExecSpec {
    checkId(id);
  }

  /// One for a command.
  public ExecSpec(
      String id, List<String> command, Map<String, String> env, @Nullable TerminalSize terminal) {
    this(id, new ExecOrder.Command(command, env, terminal));
  }

  /// Program and arguments; empty where there is none.
  public List<String> command() {
    return order instanceof ExecOrder.Command command ? command.words() : List.of();
  }

  /// On top of the payload's own.
  public Map<String, String> env() {
    return order instanceof ExecOrder.Command command ? command.env() : Map.of();
  }

  public @Nullable TerminalSize terminal() {
    return order instanceof ExecOrder.Command command ? command.terminal() : null;
  }

  /// It names a folder: 8 to 40 small letters and digits.
  public static void checkId(String id) {
    if (id.length() < 8 || id.length() > 40 || id.chars().anyMatch(c -> LETTERS.indexOf(c) < 0)) {
      throw new IllegalArgumentException("no id of a session: 8 to 40 small letters and digits");
    }
  }
}
