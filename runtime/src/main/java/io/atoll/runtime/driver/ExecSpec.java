package io.atoll.runtime.driver;

import io.atoll.core.exec.TerminalSize;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A command to run beside a payload.
///
/// @param id names the session; whoever begins it chooses it
/// @param env on top of the payload's own
/// @param terminal null: three pipes
public record ExecSpec(
    String id, List<String> command, Map<String, String> env, @Nullable TerminalSize terminal) {
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

  public ExecSpec {
    checkId(id);
    command = List.copyOf(command);
    env = Map.copyOf(env);
    if (command.isEmpty() || command.getFirst().isEmpty()) {
      throw new IllegalArgumentException("no command");
    }
  }

  /// It names a folder: 8 to 40 small letters and digits.
  public static void checkId(String id) {
    if (id.length() < 8 || id.length() > 40 || id.chars().anyMatch(c -> LETTERS.indexOf(c) < 0)) {
      throw new IllegalArgumentException("no id of a session: 8 to 40 small letters and digits");
    }
  }
}
