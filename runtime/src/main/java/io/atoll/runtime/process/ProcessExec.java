package io.atoll.runtime.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.exec.Sessions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// Commands beside a process. What such a command may is what the payload may, so it is read from
/// the payload's own spec.
final class ProcessExec {
  /// What a session takes over; `work` only where no sandbox has it as `/work`.
  private static final Set<String> SHARED =
      Set.of("boot", "uid", "gid", "enter", "into", "kill", "nofile", "nproc", "fsize", "seccomp");

  private final RunFolder folder;
  private final Sessions sessions;

  ProcessExec(RunFolder folder, Path supervisor) {
    this.folder = folder;
    this.sessions = new Sessions(folder.path(), supervisor);
  }

  /// @param supervisor pid of the run's
  /// @param payload its pid
  ExecSession begin(ExecSpec exec, int supervisor, int payload) throws DriverException {
    ByteArrayOutputStream spec = Sessions.spec(exec);
    try {
      boolean boxed = !SpecFile.values(folder.path(), "box").isEmpty();
      Sessions.word(spec, "join=" + supervisor + ":" + payload);
      if (boxed) {
        Sessions.word(spec, "boxed=1");
      }
      for (String word :
          Files.readString(folder.path().resolve(SpecFile.NAME), UTF_8).split("\0")) {
        String key = word.substring(0, Math.max(0, word.indexOf('=')));
        boolean overridden =
            key.equals("env")
                && exec.env().keySet().stream()
                    .anyMatch(name -> word.startsWith("env=" + name + "="));
        if (SHARED.contains(key)
            || (key.equals("work") && !boxed)
            || (key.equals("env") && !overridden)) {
          Sessions.word(spec, word);
        }
      }
      exec.command().forEach(word -> Sessions.word(spec, "arg=" + word));
      exec.env().forEach((name, value) -> Sessions.word(spec, "env=" + name + "=" + value));
    } catch (IllegalArgumentException e) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()), "leave it out", e);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the spec of the run in " + folder.path() + " cannot be read: " + e.getMessage(),
          "see that folder",
          e);
    }
    return sessions.begin(exec.id(), spec);
  }

  Optional<ExecSession> find(String id) {
    return sessions.find(id);
  }
}
