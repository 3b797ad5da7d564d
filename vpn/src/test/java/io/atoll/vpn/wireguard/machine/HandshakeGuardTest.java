package io.atoll.vpn.wireguard.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HandshakeGuardTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void fewHandshakesAreServedWithoutCookies() {
    HandshakeGuard guard = new HandshakeGuard();
    for (int i = 0; i < 50; i++) {
      long now = i * SECOND / 50;
      assertThat(guard.mayTry(now, 200)).isTrue();
      assertThat(guard.busy(now)).isFalse();
      assertThat(guard.mayShakeHands(now, source(i), false)).isTrue();
    }
  }

  @Test
  void aFloodMakesItAskForCookiesAndCostsNoMoreThanIsAllowed() {
    HandshakeGuard guard = new HandshakeGuard();
    int tried = 0;
    int shaken = 0;
    boolean asked = false;
    for (int i = 0; i < 1_000_000; i++) {
      long now = i * 10_000L;
      if (guard.mayTry(now, 200)) {
        tried += 200;
        if (guard.busy(now)) {
          asked = true;
        } else if (guard.mayShakeHands(now, source(i), false)) {
          shaken++;
        }
      }
    }
    assertThat(asked).isTrue();
    assertThat(tried).isBetween(HandshakeGuard.TRIALS * 9, HandshakeGuard.TRIALS * 11);
    assertThat(shaken).isLessThan(HandshakeGuard.HANDSHAKES * 11);
    long after = 12 * SECOND;
    assertThat(guard.busy(after)).as("the flood is over").isFalse();
  }

  @Test
  void oneAddressGetsItsShareWhateverItsPort() {
    HandshakeGuard guard = new HandshakeGuard();
    int served = 0;
    for (int i = 0; i < 100; i++) {
      byte[] source = {10, 0, 0, 1, (byte) i, (byte) (i * 7)};
      served += guard.mayShakeHands(0, source, true) ? 1 : 0;
    }
    assertThat(served).isEqualTo(HandshakeGuard.SOURCE_BURST);
    assertThat(guard.mayShakeHands(0, new byte[] {10, 0, 0, 2, 0, 0}, true)).isTrue();
    byte[] six = new byte[18];
    six[0] = 0x20;
    served = 0;
    for (int i = 0; i < 100; i++) {
      six[15] = (byte) i;
      served += guard.mayShakeHands(0, six.clone(), true) ? 1 : 0;
    }
    assertThat(served).as("of one prefix of 64 bits").isEqualTo(HandshakeGuard.SOURCE_BURST);
  }

  private static byte[] source(int i) {
    return new byte[] {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i, 0, 0};
  }
}
