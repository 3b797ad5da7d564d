package io.atoll.p2p.relay;

/// How a relay or a peer behind it answers; numbers as on the wire. A number that is not listed
/// here is some refusal.
enum Status {
  OK(100),
  RESERVATION_REFUSED(200),
  RESOURCE_LIMIT_EXCEEDED(201),
  PERMISSION_DENIED(202),
  CONNECTION_FAILED(203),
  NO_RESERVATION(204),
  MALFORMED_MESSAGE(400),
  UNEXPECTED_MESSAGE(401),
  UNKNOWN(0);

  private final int number;

  Status(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  static Status of(int number) {
    for (Status status : values()) {
      if (status.number == number) {
        return status;
      }
    }
    return UNKNOWN;
  }
}
