package io.atoll.runtime.driver;

import io.atoll.core.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/// A driver could not do what was asked. The message says what was tried and on what; the hint what
/// to do about it.
public class DriverException extends Exception {
  private final ErrorCode code;
  private final String hint;

  public DriverException(ErrorCode code, String message, String hint) {
    this(code, message, hint, null);
  }

  public DriverException(ErrorCode code, String message, String hint, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.hint = hint;
  }

  public ErrorCode code() {
    return code;
  }

  public String hint() {
    return hint;
  }

  /// The message as `String`, never null.
  public String text() {
    String message = getMessage();
    return message == null ? code.name() : message;
  }
}
