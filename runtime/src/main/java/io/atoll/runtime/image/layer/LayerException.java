package io.atoll.runtime.image.layer;

import io.atoll.core.tar.TarException;

/// A layer that will not be unpacked: broken, hostile, or larger than allowed.
public final class LayerException extends TarException {
  private static final long serialVersionUID = 1;

  public LayerException(String message) {
    super(message);
  }
}
