package io.atoll.market.payment;

import io.atoll.core.error.AtollException;

/// Finds out whether a reference stands for a payment. Blocking, bounded in time, cancelled by
/// interrupt; called on virtual threads.
@FunctionalInterface
public interface PaymentCheck {
  /// Returns if it does.
  ///
  /// @return the one form of the reference: two texts for the same payment give the same
  /// @throws AtollException PAYMENT_MALFORMED if it cannot be a reference, PAYMENT_UNKNOWN if
  ///     nobody knows it, PAYMENT_INVALID if it is no payment, or not the one that was asked for,
  ///     PAYMENT_TIMEOUT if there was no answer in time, UNREACHABLE if there was none at all
  String check(String reference) throws InterruptedException;
}
