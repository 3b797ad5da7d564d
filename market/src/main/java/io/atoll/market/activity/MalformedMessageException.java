package io.atoll.market.activity;

import java.io.IOException;

/// A peer sent what is no message of the protocol: nothing is wrong with the line.
public final class MalformedMessageException extends IOException {
  private static final long serialVersionUID = 1;

  MalformedMessageException(String message) {
    super(message);
  }

  MalformedMessageException(String message, Throwable cause) {
    super(message, cause);
  }
}
