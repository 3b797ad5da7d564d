package io.atoll.vpn.wireguard.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The timers of whitepaper §6, in virtual time.
class PeerMachineTest {
  private static final long SECOND = 1_000_000_000L;
  private long now = 1000 * SECOND;
  private PeerMachine machine = new PeerMachine(new Random(5), 0);

  private Set<PeerAction> step(PeerEvent event) {
    return machine.step(now, event);
  }

  /// Lets time pass up to the next timer.
  private Set<PeerAction> next() {
    assertThat(machine.next()).isNotEqualTo(PeerMachine.NEVER);
    now = Math.max(now, machine.next());
    return step(PeerEvent.TICK);
  }

  @Test
  void aHandshakeIsTriedForNinetySecondsAndThenWhatWaitsIsDropped() {
    assertThat(step(PeerEvent.WAITING)).containsExactly(PeerAction.SEND_INITIATION);
    assertThat(step(PeerEvent.WAITING)).as("at most every five seconds").isEmpty();
    long begun = now;
    int tries = 1;
    while (true) {
      long before = now;
      Set<PeerAction> actions = next();
      assertThat(now - before).isBetween(5 * SECOND, 5 * SECOND + Timing.JITTER);
      if (!actions.contains(PeerAction.SEND_INITIATION)) {
        assertThat(actions).containsExactly(PeerAction.DROP_WAITING);
        break;
      }
      tries++;
    }
    assertThat(tries).isEqualTo(19);
    assertThat(now - begun).isBetween(95 * SECOND, 102 * SECOND);
    assertThat(step(PeerEvent.WAITING)).as("it begins anew").contains(PeerAction.SEND_INITIATION);
  }

  @Test
  void keysNobodyReplacesAreWiped() {
    step(PeerEvent.WAITING);
    step(PeerEvent.RESPONSE_RECEIVED);
    long born = now;
    Set<PeerAction> actions;
    do {
      actions = next();
    } while (!actions.contains(PeerAction.WIPE_KEYS));
    assertThat(now - born).isEqualTo(540 * SECOND);
    assertThat(machine.next()).isEqualTo(PeerMachine.NEVER);
  }

  @Test
  void whoBeganASessionBeginsTheNextAfterTwoMinutes() {
    step(PeerEvent.WAITING);
    assertThat(step(PeerEvent.RESPONSE_RECEIVED)).containsExactly(PeerAction.SEND_KEEPALIVE);
    now += 119 * SECOND;
    assertThat(step(PeerEvent.DATA_SENT)).isEmpty();
    now += SECOND;
    assertThat(step(PeerEvent.DATA_SENT)).containsExactly(PeerAction.SEND_INITIATION);
    now += SECOND;
    assertThat(step(PeerEvent.DATA_SENT)).isEmpty();
  }

  @Test
  void whoAnsweredLeavesItToTheOther() {
    step(PeerEvent.INITIATION_ANSWERED);
    step(PeerEvent.KEY_CONFIRMED);
    now += 170 * SECOND;
    assertThat(step(PeerEvent.DATA_SENT)).isEmpty();
    assertThat(step(PeerEvent.DATA_RECEIVED)).isEmpty();
  }

  @Test
  void whoOnlyReceivesMakesANewKeyOnceShortlyBeforeTheOldIsRejected() {
    step(PeerEvent.WAITING);
    step(PeerEvent.RESPONSE_RECEIVED);
    now += 164 * SECOND;
    assertThat(step(PeerEvent.DATA_RECEIVED)).isEmpty();
    now += SECOND;
    assertThat(step(PeerEvent.DATA_RECEIVED)).containsExactly(PeerAction.SEND_INITIATION);
    now += 6 * SECOND;
    assertThat(step(PeerEvent.DATA_RECEIVED)).isEmpty();
  }

  @Test
  void whoReceivedAndIsSilentSaysSoAfterTenSeconds() {
    step(PeerEvent.DATA_RECEIVED);
    long heard = now;
    assertThat(next()).containsExactly(PeerAction.SEND_KEEPALIVE);
    assertThat(now - heard).isEqualTo(10 * SECOND);
    step(PeerEvent.KEEPALIVE_SENT);
    assertThat(machine.next()).isEqualTo(PeerMachine.NEVER);
    step(PeerEvent.KEEPALIVE_RECEIVED);
    assertThat(machine.next()).as("no answer to a keepalive").isEqualTo(PeerMachine.NEVER);
    step(PeerEvent.DATA_RECEIVED);
    step(PeerEvent.DATA_SENT);
    // What was sent says it; what is due now is only the new handshake.
    assertThat(machine.next() - now).isGreaterThanOrEqualTo(15 * SECOND);
  }

  @Test
  void whoHearsNothingBackAsksForANewSession() {
    step(PeerEvent.WAITING);
    step(PeerEvent.RESPONSE_RECEIVED);
    now += 20 * SECOND;
    step(PeerEvent.DATA_SENT);
    long sent = now;
    assertThat(next()).containsExactly(PeerAction.SEND_INITIATION);
    assertThat(now - sent).isBetween(15 * SECOND, 15 * SECOND + Timing.JITTER);
  }

  @Test
  void aPersistentKeepaliveComesAtItsInterval() {
    machine = new PeerMachine(new Random(1), 25 * SECOND);
    step(PeerEvent.RESET);
    assertThat(next()).containsExactly(PeerAction.SEND_KEEPALIVE);
    assertThat(step(PeerEvent.WAITING)).containsExactly(PeerAction.SEND_INITIATION);
    step(PeerEvent.RESPONSE_RECEIVED);
    step(PeerEvent.KEEPALIVE_SENT);
    for (int i = 0; i < 4; i++) {
      long before = now;
      assertThat(next()).containsExactly(PeerAction.SEND_KEEPALIVE);
      assertThat(now - before).isEqualTo(25 * SECOND);
      step(PeerEvent.KEEPALIVE_SENT);
      step(PeerEvent.KEEPALIVE_RECEIVED);
    }
  }

  @Test
  void aClockThatJumpsBackStandsStill() {
    step(PeerEvent.WAITING);
    long due = machine.next();
    now -= 500 * SECOND;
    assertThat(step(PeerEvent.TICK)).isEmpty();
    assertThat(step(PeerEvent.WAITING)).isEmpty();
    assertThat(machine.next()).isEqualTo(due);
    now = due;
    assertThat(step(PeerEvent.TICK)).containsExactly(PeerAction.SEND_INITIATION);
  }
}
