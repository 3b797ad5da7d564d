package io.atoll.p2p.transfer;

import io.atoll.core.error.ErrorCode;

/// What the two ends say.
sealed interface Message {
  record Offered(Offer offer) implements Message {}

  record Pending() implements Message {}

  record Accept(long offset) implements Message {}

  /// The head of a frame of data, whose `length` bytes follow on the stream.
  record Data(int length) implements Message {}

  record End(String sha256) implements Message {}

  record Done() implements Message {}

  /// @param text one plain line
  record Refuse(ErrorCode code, String text) implements Message {}
}
