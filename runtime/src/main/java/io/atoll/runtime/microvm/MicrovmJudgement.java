package io.atoll.runtime.microvm;

import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.EndTime;
import io.atoll.runtime.microvm.MicrovmFolder.End;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a run ended: by its guest's word where it gave one, else by what is left.
///
/// @param cpuBefore what earlier QEMUs of the run had used
record MicrovmJudgement(RunId id, MicrovmFolder folder, Activity qemu, long cpuBefore) {
  private static final Logger log = LoggerFactory.getLogger(MicrovmJudgement.class);

  /// The end that the guest told.
  End said(AgentMessage.Ended ended, long outputEnd) {
    Exit exit = stopped(ended.exit());
    return new End(exit, ended.at(), outputEnd, cpu(), ended.memoryPeak());
  }

  /// A stop that ended QEMU before its guest may have come too late for the guest to know.
  private Exit stopped(Exit exit) {
    return exit.cause() == Exit.Cause.SIGNALED && folder.stopAsked()
        ? new Exit(Exit.Cause.STOPPED, exit.code(), "")
        : exit;
  }

  /// The end of a run whose guest cannot say it any more.
  ///
  /// @param machine how QEMU ended
  /// @param said what QEMU and the guest's console said last
  /// @param failure why this side ended it, or empty
  End withoutTheGuestsWord(Exit machine, String said, String failure, long outputEnd) {
    String why = failure.isEmpty() ? why(machine, said) : failure;
    Exit exit =
        !folder.began()
            ? Exit.startFailed(why)
            : folder.stopAsked()
                ? new Exit(Exit.Cause.STOPPED, 137, failure)
                : !failure.isEmpty() ? Exit.startFailed(why) : Exit.lost(why);
    return new End(exit, endOfMachine(), outputEnd, cpu(), -1);
  }

  private static String why(Exit machine, String said) {
    int panic = said.indexOf("Kernel panic");
    if (panic >= 0) {
      return "the guest's kernel died: " + said.substring(panic);
    }
    if (machine.cause() == Exit.Cause.OUT_OF_MEMORY) {
      return "QEMU used more memory than its guest and its own limit";
    }
    return machine.cause() == Exit.Cause.EXITED && machine.code() == 0
        ? "the guest turned its machine off"
        : "QEMU ended (" + words(machine) + ")" + (said.isEmpty() ? "" : ": " + said);
  }

  private static String words(Exit machine) {
    String detail = machine.detail().isEmpty() ? "" : ", " + machine.detail();
    return machine.cause() + " " + machine.code() + detail;
  }

  private @Nullable Instant endOfMachine() {
    return qemu instanceof EndTime ended ? ended.endedAt().orElse(null) : null;
  }

  private long cpu() {
    try {
      long now = qemu.usage().cpuNanos();
      return now < 0 ? -1 : cpuBefore + now;
    } catch (DriverException e) {
      log.debug("no usage of {}: {}", id, e.text());
      return -1;
    }
  }
}
