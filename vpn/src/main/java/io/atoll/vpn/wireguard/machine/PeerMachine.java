package io.atoll.vpn.wireguard.machine;

import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// The timers of one peer (whitepaper §6). Times are those of a clock that only grows; one that
/// jumps back is taken to stand still. Whoever drives it has a lock for it.
public final class PeerMachine {
  public static final long NEVER = Long.MAX_VALUE;
  private static final Set<PeerAction> NOTHING = Set.of();
  private static final Set<PeerAction> INITIATION = Set.of(PeerAction.SEND_INITIATION);

  /// Asked between a packet that goes and one that comes: it must cost nothing, and nobody gains by
  /// guessing it.
  private final SplittableRandom random;

  private long persistentInterval;
  private long now = Long.MIN_VALUE;

  private long retransmitAt = NEVER;
  private long keepaliveAt = NEVER;
  private long newHandshakeAt = NEVER;
  private long persistentAt = NEVER;
  private long wipeAt = NEVER;

  private long initiatedAt = Long.MIN_VALUE;
  private int attempts;
  private boolean anotherKeepalive;
  private boolean lastMinute;

  /// When the current key was made, and by whom; `NEVER` while there is none.
  private long keyBorn = NEVER;

  private boolean keyIsOurs;

  /// @param persistentInterval how often to say something in any case, in nanoseconds; 0 for never
  public PeerMachine(RandomGenerator random, long persistentInterval) {
    this.random = new SplittableRandom(random.nextLong());
    this.persistentInterval = persistentInterval;
  }

  /// When `TICK` is wanted next, at the latest; `NEVER` if nothing is due.
  public long next() {
    return Math.min(
        Math.min(retransmitAt, keepaliveAt),
        Math.min(Math.min(newHandshakeAt, persistentAt), wipeAt));
  }

  public Set<PeerAction> step(long time, PeerEvent event) {
    now = Math.max(now, time);
    return switch (event) {
      case TICK -> tick();
      case WAITING, KEY_WORN -> initiate();
      case DATA_SENT -> {
        sent();
        if (newHandshakeAt == NEVER) {
          newHandshakeAt = now + Timing.KEEPALIVE_TIMEOUT + Timing.REKEY_TIMEOUT + jitter();
        }
        yield aged(Timing.REKEY_AFTER_TIME) ? initiate() : NOTHING;
      }
      case KEEPALIVE_SENT -> {
        sent();
        yield aged(Timing.REKEY_AFTER_TIME) ? initiate() : NOTHING;
      }
      case DATA_RECEIVED -> {
        received();
        if (keepaliveAt == NEVER) {
          keepaliveAt = now + Timing.KEEPALIVE_TIMEOUT;
        } else {
          anotherKeepalive = true;
        }
        yield freshenLate();
      }
      case KEEPALIVE_RECEIVED -> {
        received();
        yield freshenLate();
      }
      case INITIATION_ANSWERED -> {
        received();
        sent();
        wipeAt = now + Timing.WIPE_AFTER;
        // Both sides at once would make two sessions: ours waits for its turn.
        initiatedAt = now;
        yield NOTHING;
      }
      case RESPONSE_RECEIVED -> {
        received();
        wipeAt = now + Timing.WIPE_AFTER;
        complete(true);
        yield Set.of(PeerAction.SEND_KEEPALIVE);
      }
      case KEY_CONFIRMED -> {
        complete(false);
        yield NOTHING;
      }
      case RESET -> {
        initiatedAt = Long.MIN_VALUE;
        attempts = 0;
        persistentAt = persistentInterval == 0 ? NEVER : now;
        yield NOTHING;
      }
    };
  }

  /// @param interval in nanoseconds; 0 for never
  public void persistentInterval(long interval) {
    persistentInterval = interval;
    persistentAt = interval == 0 ? NEVER : now;
  }

  private Set<PeerAction> tick() {
    if (now < next()) {
      return NOTHING;
    }
    EnumSet<PeerAction> actions = EnumSet.noneOf(PeerAction.class);
    if (now >= retransmitAt) {
      retransmitAt = NEVER;
      if (attempts >= Timing.RETRIES) {
        actions.add(PeerAction.DROP_WAITING);
        keepaliveAt = NEVER;
        if (wipeAt == NEVER) {
          wipeAt = now + Timing.WIPE_AFTER;
        }
      } else {
        attempts++;
        actions.addAll(sendInitiation());
      }
    }
    if (now >= keepaliveAt) {
      keepaliveAt = anotherKeepalive ? now + Timing.KEEPALIVE_TIMEOUT : NEVER;
      anotherKeepalive = false;
      actions.add(PeerAction.SEND_KEEPALIVE);
    }
    if (now >= newHandshakeAt) {
      newHandshakeAt = NEVER;
      actions.addAll(initiate());
    }
    if (now >= persistentAt) {
      persistentAt = now + persistentInterval;
      actions.add(PeerAction.SEND_KEEPALIVE);
    }
    if (now >= wipeAt) {
      wipeAt = NEVER;
      keyBorn = NEVER;
      retransmitAt = NEVER;
      newHandshakeAt = NEVER;
      keepaliveAt = NEVER;
      actions.add(PeerAction.DROP_WAITING);
      actions.add(PeerAction.WIPE_KEYS);
    }
    return actions;
  }

  /// A handshake that somebody wants now, rather than one that is tried again.
  private Set<PeerAction> initiate() {
    if (initiatedAt != Long.MIN_VALUE && now - initiatedAt < Timing.REKEY_TIMEOUT) {
      return NOTHING;
    }
    attempts = 0;
    return sendInitiation();
  }

  private Set<PeerAction> sendInitiation() {
    initiatedAt = now;
    sent();
    retransmitAt = now + Timing.REKEY_TIMEOUT + jitter();
    return INITIATION;
  }

  /// Anything genuine has gone out.
  private void sent() {
    keepaliveAt = NEVER;
    crossed();
  }

  /// Anything genuine has come in.
  private void received() {
    newHandshakeAt = NEVER;
    crossed();
  }

  private void crossed() {
    if (persistentInterval != 0) {
      persistentAt = now + persistentInterval;
    }
  }

  private void complete(boolean ours) {
    retransmitAt = NEVER;
    attempts = 0;
    lastMinute = false;
    keyBorn = now;
    keyIsOurs = ours;
  }

  /// Who only receives makes a new key, too, shortly before the current one is rejected.
  private Set<PeerAction> freshenLate() {
    long late = Timing.REJECT_AFTER_TIME - Timing.KEEPALIVE_TIMEOUT - Timing.REKEY_TIMEOUT;
    if (lastMinute || !aged(late)) {
      return NOTHING;
    }
    lastMinute = true;
    return initiate();
  }

  private boolean aged(long age) {
    return keyIsOurs && keyBorn != NEVER && now - keyBorn >= age;
  }

  private long jitter() {
    return random.nextLong(Timing.JITTER);
  }
}
