package io.atoll.core.error;

import org.jspecify.annotations.Nullable;

/// A failure that a person will read: the message says what was tried and on what, the hint what to
/// do next. Internals belong into the cause, never into the two texts.
public class AtollException extends RuntimeException {
  private final ErrorCode code;
  private final String hint;

  public AtollException(ErrorCode code, String message, String hint) {
    this(code, message, hint, null);
  }

  public AtollException(ErrorCode code, String message, String hint, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.hint = hint;
  }

  public ErrorCode code() {
    return code;
  }

  /// What the reader can do about it; empty where there is nothing.
  public String hint() {
    return hint;
  }

  /// The message as `String`, never null.
  public String text() {
    String message = getMessage();
    return message == null ? code.name() : message;
  }
}
