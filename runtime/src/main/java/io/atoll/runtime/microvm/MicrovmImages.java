package io.atoll.runtime.microvm;

import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.DriverException;

/// Where this driver gets images from.
@FunctionalInterface
public interface MicrovmImages {
  /// The image of that reference, complete on this machine on return; it stays until the run has
  /// ended.
  ///
  /// @throws DriverException IMAGE_NOT_FOUND; DENIED if it may not run here
  MicrovmImage resolve(RunId run, String reference) throws DriverException, InterruptedException;

  /// The same image for a run of an earlier daemon, which may have begun already.
  default MicrovmImage again(RunId run, String reference)
      throws DriverException, InterruptedException {
    return resolve(run, reference);
  }
}
