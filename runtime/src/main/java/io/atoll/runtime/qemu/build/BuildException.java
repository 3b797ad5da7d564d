package io.atoll.runtime.qemu.build;

import io.atoll.core.error.ErrorCode;

/// A build did not come to its end. What it made so far is kept for the next try.
public final class BuildException extends Exception {
  private final ErrorCode code;
  private final String hint;

  BuildException(ErrorCode code, String message, String hint) {
    super(message);
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
    return String.valueOf(getMessage());
  }
}
