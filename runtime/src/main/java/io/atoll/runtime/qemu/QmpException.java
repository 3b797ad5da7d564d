package io.atoll.runtime.qemu;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// QEMU refused a command, did not answer in time, or the connection is gone.
public final class QmpException extends IOException {
  /// Whether the same command can succeed later.
  public enum Kind {
    /// QEMU said no; the connection works.
    REFUSED,
    /// No answer within the time given; the connection may work.
    TIMEOUT,
    /// Nothing more comes over this connection.
    CLOSED
  }

  private final Kind kind;
  private final String errorClass;

  private QmpException(Kind kind, String errorClass, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.errorClass = errorClass;
  }

  static QmpException refused(String command, String errorClass, String text) {
    return new QmpException(
        Kind.REFUSED, errorClass, "QEMU refused '" + command + "': " + text, null);
  }

  static QmpException timeout(String what) {
    return new QmpException(Kind.TIMEOUT, "", what, null);
  }

  static QmpException closed(String what, @Nullable Throwable cause) {
    return new QmpException(Kind.CLOSED, "", what, cause);
  }

  public Kind kind() {
    return kind;
  }

  /// QEMU's word for a refusal, such as `CommandNotFound` or `GenericError`; else empty.
  public String errorClass() {
    return errorClass;
  }
}
