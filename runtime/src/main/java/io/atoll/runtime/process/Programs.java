package io.atoll.runtime.process;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.DriverException;

/// Where the programs of tasks come from, and which of them may run. Asked before anything of a run
/// is made.
public interface Programs {
  /// Any program of the machine, and no images.
  Programs OF_THE_HOST =
      new Programs() {
        @Override
        public void admitHostProgram() {}

        @Override
        public Program resolveProgram(RunId run, String reference) throws DriverException {
          throw new DriverException(
              ErrorCode.BAD_REQUEST,
              "this process driver runs programs of the host, it has no images",
              "leave the image out, or use the docker driver");
        }
      };

  /// A task names a program of the machine itself.
  ///
  /// @throws DriverException DENIED with the reason
  void admitHostProgram() throws DriverException;

  /// The program of an image, complete on this machine on return; it stays until the run has ended.
  ///
  /// @throws DriverException IMAGE_NOT_FOUND; BAD_REQUEST if it is no program; START_FAILED if it
  ///     is for another system or processor; DENIED if it may not run here
  Program resolveProgram(RunId run, String reference) throws DriverException, InterruptedException;
}
