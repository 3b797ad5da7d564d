package io.atoll.runtime.microvm;

import io.atoll.runtime.driver.DriverException;

/// Where this driver gets images from.
public interface MicrovmImages {
  /// The image of that reference, complete on this machine on return.
  MicrovmImage resolve(String reference) throws DriverException, InterruptedException;
}
