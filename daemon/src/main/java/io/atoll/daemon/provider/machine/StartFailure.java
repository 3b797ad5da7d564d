package io.atoll.daemon.provider.machine;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Exit;

/// The exit of a run that could not be started. Its code tells the hub whose trouble it is:
/// 126 and 127 (as the shell says "cannot execute", "not found") = the task is wrong, and fails at
/// once; 125 = this node could not, and another may.
public final class StartFailure {
  private StartFailure() {}

  /// @param code of the driver's failure
  public static Exit of(ErrorCode code, String message, String hint) {
    String detail = hint.isEmpty() ? message : message + "; " + hint;
    return switch (code.kind()) {
      case CALLER -> new Exit(Exit.Cause.START_FAILED, 126, detail);
      case RESOURCES, REMOTE, INTERNAL -> new Exit(Exit.Cause.START_FAILED, 125, detail);
    };
  }
}
