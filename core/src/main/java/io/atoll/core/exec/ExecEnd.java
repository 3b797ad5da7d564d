package io.atoll.core.exec;

/// How a command ended.
///
/// @param code what a shell would say: the exit code, or 128 + signal; 125 to 127 if it did not
/// start
/// @param detail why, for people; empty where the code says it
public record ExecEnd(Cause cause, int signal, int code, String detail) {
  public enum Cause {
    EXITED,
    SIGNALED,
    START_FAILED
  }
}
