package io.atoll.runtime.image.layer;

import java.io.IOException;

/// A layer that will not be unpacked: broken, hostile, or larger than allowed.
public final class LayerException extends IOException {
  public LayerException(String message) {
    super(message);
  }
}
