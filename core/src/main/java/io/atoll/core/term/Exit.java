package io.atoll.core.term;

/// How a run ended.
///
/// @param cause why
/// @param code what the shell would say: the payload's own code, or 128 + signal; 125 where Atoll
///     itself failed
/// @param detail one sentence for people; empty where the code says it all
public record Exit(Cause cause, int code, String detail) {

  public enum Cause {
    /// The payload ended by itself.
    EXITED,
    /// A signal ended it that Atoll did not send.
    SIGNALED,
    /// It used more memory than its limit.
    OUT_OF_MEMORY,
    /// Somebody asked for it.
    STOPPED,
    /// Its time limit.
    TIME_LIMIT,
    /// It never began: no sandbox, no image, no such program.
    START_FAILED,
    /// Its supervisor or its machine died under it; whatever it did, nobody saw the end.
    LOST
  }

  /// Whether the payload provably never executed an instruction.
  public boolean neverBegan() {
    return cause == Cause.START_FAILED;
  }

  public static Exit of(int code) {
    return new Exit(Cause.EXITED, code, "");
  }

  public static Exit startFailed(String detail) {
    return new Exit(Cause.START_FAILED, 125, detail);
  }

  public static Exit lost(String detail) {
    return new Exit(Cause.LOST, 125, detail);
  }
}
