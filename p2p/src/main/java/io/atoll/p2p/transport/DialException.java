package io.atoll.p2p.transport;

import java.io.IOException;

/// An address did not lead to the peer; the message says what failed there.
public final class DialException extends IOException {
  public DialException(String message, Throwable cause) {
    super(message, cause);
  }

  public DialException(String message) {
    super(message);
  }
}
