package io.atoll.market.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaymentsTest {
  private static final PeerId ADA = Identity.generate().id();
  private static final PeerId BOB = Identity.generate().id();
  @TempDir Path temp;

  private SpentPayments spent() throws Exception {
    return SpentPayments.open(temp.resolve("payments"));
  }

  private static Payments guard(SpentPayments spent) {
    return Payments.of(reference -> reference.toLowerCase(Locale.ROOT), spent);
  }

  @Test
  void whereNothingHasToBePaidNothingIsLookedAt() throws Exception {
    assertThat(Payments.none().admit(ADA, "hub", null).paid()).isNull();
    assertThat(Payments.none().admit(ADA, "hub", "anything").paid()).isNull();
  }

  @Test
  void aPaymentPaysForOneThingOverRestartsToo() throws Exception {
    try (SpentPayments spent = spent()) {
      Payments guard = guard(spent);
      assertCode(() -> guard.admit(ADA, "job-1", null), ErrorCode.PAYMENT_REQUIRED);
      assertCode(() -> guard.admit(ADA, "job-1", " "), ErrorCode.PAYMENT_REQUIRED);
      assertThat(guard.admit(ADA, "job-1", " 0xAB ").paid()).isEqualTo("0xab");
      guard.giveBack(guard.admit(ADA, "job-1", "0xAB")); // was spent before: stays so
      Payments.Admitted fresh = guard.admit(ADA, "job-2", "0xCD");
      assertThat(fresh.paid()).isEqualTo("0xcd");
      guard.giveBack(fresh);
    }
    Files.writeString(temp.resolve("payments"), "+ 0xcut off", StandardOpenOption.APPEND);
    for (int i = 0; i < 2; i++) {
      try (SpentPayments spent = spent()) {
        Payments guard = guard(spent);
        assertThat(guard.admit(ADA, "job-1", "0xab").paid()).isEqualTo("0xab");
        assertCode(() -> guard.admit(ADA, "job-2", "0xab"), ErrorCode.PAYMENT_INVALID);
        assertCode(() -> guard.admit(BOB, "job-1", "0xab"), ErrorCode.PAYMENT_INVALID);
        assertThat(guard.admit(BOB, "job-9", "0xcd").paid()).isEqualTo("0xcd");
        assertThat(guard.admit(BOB, "job-7", "0xcut").paid()).isEqualTo("0xcut");
      }
    }
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(AtollException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
