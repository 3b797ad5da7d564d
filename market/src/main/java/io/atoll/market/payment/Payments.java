package io.atoll.market.payment;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import org.jspecify.annotations.Nullable;

/// The guard of every way in: a payment is checked, and pays for one thing only.
public final class Payments {
  /// @param paid the payment that was spent; null where nothing has to be paid
  /// @param fresh whether it was spent just now, and not on the same purpose before
  public record Admitted(@Nullable String paid, boolean fresh) {}

  private final @Nullable PaymentCheck check;
  private final @Nullable SpentPayments spent;

  private Payments(@Nullable PaymentCheck check, @Nullable SpentPayments spent) {
    this.check = check;
    this.spent = spent;
  }

  /// Nothing has to be paid; a reference that is given all the same is not looked at.
  public static Payments none() {
    return new Payments(null, null);
  }

  /// Nothing comes in without a payment that passes the check and was not spent before.
  public static Payments of(PaymentCheck check, SpentPayments spent) {
    return new Payments(check, spent);
  }

  /// Lets somebody in. A payment that let the same payer in for the same purpose does so again: an
  /// answer that was lost on its way costs nothing.
  ///
  /// @param purpose what is paid for, in a word without blanks
  /// @throws AtollException PAYMENT_REQUIRED, PAYMENT_INVALID if it was spent, or what the check
  ///     says
  public Admitted admit(PeerId payer, String purpose, @Nullable String reference)
      throws InterruptedException {
    if (check == null || spent == null) {
      return new Admitted(null, false);
    }
    if (reference == null || reference.isBlank()) {
      throw new AtollException(
          ErrorCode.PAYMENT_REQUIRED,
          "this node works for payment, and the request names none",
          "pay, and name the payment's reference in the request");
    }
    String paid = check.check(reference.strip());
    return switch (spent.spend(paid, payer, purpose)) {
      case JUST_NOW -> new Admitted(paid, true);
      case ON_THE_SAME -> new Admitted(paid, false);
      case ELSEWHERE ->
          throw new AtollException(
              ErrorCode.PAYMENT_INVALID,
              "payment " + paid + " was spent before",
              "name a payment that paid for nothing else yet");
    };
  }

  /// What was paid for did not come about: a payment that was spent on it just now may be spent
  /// again.
  public void giveBack(Admitted admitted) {
    String paid = admitted.paid();
    if (spent != null && paid != null && admitted.fresh()) {
      spent.giveBack(paid);
    }
  }
}
