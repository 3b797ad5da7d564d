package io.atoll.daemon.store;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/// The store could not do what was asked; nothing of it happened.
public class StoreException extends AtollException {
  public StoreException(ErrorCode code, String message, String hint, @Nullable Throwable cause) {
    super(code, message, hint, cause);
  }

  public StoreException(ErrorCode code, String message, String hint) {
    this(code, message, hint, null);
  }
}
