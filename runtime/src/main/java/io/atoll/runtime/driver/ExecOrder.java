package io.atoll.runtime.driver;

import io.atoll.core.exec.TerminalSize;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is to be done beside a payload: as its user, in its root and its working folder.
public sealed interface ExecOrder {
  /// To run a program.
  ///
  /// @param env on top of the payload's own
  /// @param terminal null: three pipes
  record Command(List<String> words, Map<String, String> env, @Nullable TerminalSize terminal)
      implements ExecOrder {
    public Command {
      words = List.copyOf(words);
      env = Map.copyOf(env);
      if (words.isEmpty() || words.getFirst().isEmpty()) {
        throw new IllegalArgumentException("no command");
      }
    }
  }

  /// To write a file, or a folder with all that is in it, as a tar to standard output. Its first
  /// member has the last part of the path as its name, or `.` where that says nothing.
  record Pack(String path) implements ExecOrder {
    public Pack {
      check(path);
    }
  }

  /// To read a tar from standard input. Into a folder that is there its members go by their names;
  /// a target that is not there, or is a file, takes the place of the first part of their names.
  record Unpack(String target) implements ExecOrder {
    public Unpack {
      check(target);
    }
  }

  private static void check(String path) {
    if (path.isEmpty() || path.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      throw new IllegalArgumentException("a path has 1 to " + LONGEST_PATH + " bytes");
    }
  }

  int LONGEST_PATH = 4000;
}
