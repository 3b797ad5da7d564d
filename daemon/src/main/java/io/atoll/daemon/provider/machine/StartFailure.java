package io.atoll.daemon.provider.machine;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Exit;

/// The exit of a run that could not be started. Its code tells the hub whose trouble it is:
/// 126 and 127 (as the shell says "cannot execute", "not found") = the task is wrong, and fails at
/// once; 125 = this node could not or would not, and another may.
public final class StartFailure {
  private StartFailure() {}

  /// @param code of the driver's failure; programs find it at the beginning of the detail
  public static Exit of(ErrorCode code, String message, String hint) {
    String detail = code.name() + ": " + (hint.isEmpty() ? message : message + "; " + hint);
    if (code == ErrorCode.DENIED) {
      // The rules of this node's owner; another's may be others.
      return new Exit(Exit.Cause.START_FAILED, 125, detail);
    }
    return switch (code.kind()) {
      case CALLER -> new Exit(Exit.Cause.START_FAILED, 126, detail);
      case RESOURCES, REMOTE, INTERNAL -> new Exit(Exit.Cause.START_FAILED, 125, detail);
    };
  }
}
