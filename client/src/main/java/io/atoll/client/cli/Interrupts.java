package io.atoll.client.cli;

/// What happens on Ctrl-C while a command that follows something runs.
public interface Interrupts {
  /// Calls `action` for each Ctrl-C, on a thread of its own, until closed.
  Watch watch(Runnable action);

  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /// Of this process. A shutdown hook cannot do it: once it runs, the process must end, and a
  /// second Ctrl-C is not told to anybody. `sun.misc.Signal` (module jdk.unsupported) is the
  /// JDK's only other way; by reflection, because the compiler warns of it where nothing can
  /// silence it. Where it is missing, Ctrl-C ends the process and the task goes on.
  static Interrupts ofThisProcess() {
    return SignalWatch.on("INT");
  }
}
