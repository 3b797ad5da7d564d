package io.atoll.core.error;

/// Every code that Atoll shows to people and programs. A code never changes its meaning.
///
/// The CLI's exit status and the HTTP status follow from the code, so that API and CLI agree.
public enum ErrorCode {
  BAD_REQUEST(Kind.CALLER, 400, 2),
  UNAUTHENTICATED(Kind.CALLER, 401, 4),
  DENIED(Kind.CALLER, 403, 4),
  NOT_FOUND(Kind.CALLER, 404, 3),
  CONFLICT(Kind.CALLER, 409, 5),
  GONE(Kind.CALLER, 410, 3),
  TOO_LARGE(Kind.CALLER, 413, 2),
  UNKNOWN_DRIVER(Kind.CALLER, 400, 2),
  DRIVER_CANNOT(Kind.CALLER, 409, 5),
  IMAGE_NOT_FOUND(Kind.CALLER, 404, 3),
  INVITE_INVALID(Kind.CALLER, 403, 4),
  PAYMENT_REQUIRED(Kind.CALLER, 402, 4),
  PAYMENT_MALFORMED(Kind.CALLER, 400, 2),
  PAYMENT_UNKNOWN(Kind.CALLER, 402, 4),
  PAYMENT_INVALID(Kind.CALLER, 402, 4),
  PAYMENT_TIMEOUT(Kind.REMOTE, 504, 7),
  TOO_MANY_REQUESTS(Kind.RESOURCES, 429, 6),
  NO_CAPACITY(Kind.RESOURCES, 409, 6),
  DISK_FULL(Kind.RESOURCES, 507, 6),
  NO_SANDBOX(Kind.RESOURCES, 409, 6),
  DRIVER_UNAVAILABLE(Kind.RESOURCES, 409, 6),
  START_FAILED(Kind.REMOTE, 502, 1),
  /// A node said what cannot be, or that it cannot say.
  BAD_ANSWER(Kind.REMOTE, 502, 1),
  UNREACHABLE(Kind.REMOTE, 503, 8),
  /// A member of a network is there, and nothing listens on that port.
  GATEWAY_REFUSED(Kind.REMOTE, 504, 8),
  /// No way leads to an address in a network.
  GATEWAY_UNREACHABLE(Kind.REMOTE, 504, 8),
  TIMEOUT(Kind.REMOTE, 504, 7),
  VERSION_MISMATCH(Kind.REMOTE, 409, 1),
  NOT_READY(Kind.RESOURCES, 503, 8),
  INTERNAL(Kind.INTERNAL, 500, 1);

  /// Who can do something about it.
  public enum Kind {
    CALLER,
    RESOURCES,
    REMOTE,
    INTERNAL
  }

  private final Kind kind;
  private final int httpStatus;
  private final int exitStatus;

  ErrorCode(Kind kind, int httpStatus, int exitStatus) {
    this.kind = kind;
    this.httpStatus = httpStatus;
    this.exitStatus = exitStatus;
  }

  public Kind kind() {
    return kind;
  }

  /// Status of the HTTP response that carries this code.
  public int httpStatus() {
    return httpStatus;
  }

  /// Exit status of the CLI: 1 failure, 2 usage, 3 not found, 4 denied, 5 conflict, 6 no capacity,
  /// 7
  /// timeout, 8 unreachable.
  public int exitStatus() {
    return exitStatus;
  }
}
