package io.atoll.runtime.vm;

import io.atoll.core.term.Exit;
import io.atoll.runtime.vm.VmFolder.Said;
import java.util.Optional;

/// What the end of QEMU means for the run, by what lies in the folder: the same after any restart.
///
/// @param program what the guest was to run; empty: nothing
record VmJudgement(VmFolder folder, String program) {

  Exit judge(Exit qemu) {
    Optional<Said> said = program.isEmpty() ? Optional.empty() : folder.said();
    if (folder.marked(VmFolder.STOPPING) && qemu.cause() != Exit.Cause.START_FAILED) {
      return new Exit(Exit.Cause.STOPPED, said.map(VmJudgement::code).orElse(qemu.code()), "");
    }
    return switch (qemu.cause()) {
      case EXITED -> exited(qemu, said);
      case OUT_OF_MEMORY ->
          new Exit(
              Exit.Cause.OUT_OF_MEMORY,
              qemu.code(),
              "QEMU used more memory than the machine's and its own share");
      case SIGNALED, STOPPED, TIME_LIMIT, START_FAILED, LOST -> qemu;
    };
  }

  private Exit exited(Exit qemu, Optional<Said> said) {
    if (qemu.code() != 0) {
      String why = "QEMU ended with " + qemu.code() + ": " + folder.lastWord();
      return folder.marked(VmFolder.UP)
          ? new Exit(Exit.Cause.EXITED, qemu.code(), why)
          : Exit.startFailed(why);
    }
    if (folder.marked(VmFolder.CLONE) && !folder.marked(VmFolder.RELEASED)) {
      return Exit.startFailed("it ended before it had an identity of its own");
    }
    if (program.isEmpty()) {
      return Exit.of(0);
    }
    return said.map(this::exit)
        .orElseGet(
            () ->
                Exit.lost("the machine turned itself off; how its command ended, it did not say"));
  }

  private Exit exit(Said said) {
    return switch (said) {
      case Said.Exited(int code) -> Exit.of(code);
      case Said.Signaled(int signal) -> new Exit(Exit.Cause.SIGNALED, 128 + signal, "");
      case Said.Starved() ->
          new Exit(Exit.Cause.OUT_OF_MEMORY, 137, "it used more memory than its limit");
      case Said.NotStarted(int errno) -> notStarted(errno);
    };
  }

  private static int code(Said said) {
    return switch (said) {
      case Said.Exited(int code) -> code;
      case Said.Signaled(int signal) -> 128 + signal;
      case Said.Starved _ -> 137;
      case Said.NotStarted(int errno) -> notStartedCode(errno);
    };
  }

  private Exit notStarted(int errno) {
    String what =
        switch (errno) {
          case 2 -> "there is no program '" + program + "' in the machine";
          case 13 -> "the program '" + program + "' in the machine may not be executed";
          default ->
              "the program '" + program + "' in the machine could not be executed: error " + errno;
        };
    return new Exit(Exit.Cause.START_FAILED, notStartedCode(errno), what);
  }

  /// As a shell says it.
  private static int notStartedCode(int errno) {
    return errno == 2 ? 127 : 126;
  }
}
