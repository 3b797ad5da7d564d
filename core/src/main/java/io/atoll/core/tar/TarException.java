package io.atoll.core.tar;

import java.io.IOException;

/// A tar that will not be taken: broken, hostile, or with something that is not understood.
public class TarException extends IOException {
  private static final long serialVersionUID = 1;

  public TarException(String message) {
    super(message);
  }
}
