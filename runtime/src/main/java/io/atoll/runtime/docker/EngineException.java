package io.atoll.runtime.docker;

import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.driver.DriverException;
import org.jspecify.annotations.Nullable;

/// The engine did not do what it was asked.
final class EngineException extends Exception {
  static final int NO_ANSWER = 0;

  private final int status;
  private final String said;

  private EngineException(int status, String said, @Nullable Throwable cause) {
    super(said, cause);
    this.status = status;
    this.said = said;
  }

  /// It answered with an HTTP status from 400 on.
  static EngineException refused(int status, String said) {
    return new EngineException(status, said, null);
  }

  /// It could not be reached, fell silent, or went away before its answer was complete: whether it
  /// did what it was asked is not known.
  static EngineException noAnswer(String what, @Nullable Throwable cause) {
    return new EngineException(NO_ANSWER, what, cause);
  }

  boolean answered() {
    return status != NO_ANSWER;
  }

  boolean notFound() {
    return status == 404;
  }

  boolean conflict() {
    return status == 409;
  }

  String said() {
    return said;
  }

  /// For callers of the driver.
  ///
  /// @param tried such as `start the container of run t0123456789ab.1-7`
  DriverException toDriver(String tried) {
    if (!answered()) {
      return new DriverException(
          ErrorCode.DRIVER_UNAVAILABLE,
          "could not " + tried + ": " + said,
          "start the Docker engine (systemctl start docker), or let this user reach its socket",
          this);
    }
    return new DriverException(
        ErrorCode.START_FAILED,
        "could not " + tried + ": the Docker engine says: " + said,
        "the engine's own log has more (journalctl -u docker)",
        this);
  }
}
