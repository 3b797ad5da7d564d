package io.atoll.runtime.process;

import io.atoll.runtime.driver.DriverException;

/// Where the programs of tasks come from, and which of them may run. Asked before anything of a run
/// is made.
public interface Programs {
  /// Any program of the machine, and no images.
  Programs OF_THE_HOST = () -> {};

  /// A task names a program of the machine itself.
  ///
  /// @throws DriverException DENIED with the reason
  void admitHostProgram() throws DriverException;
}
