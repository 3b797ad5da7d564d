package io.atoll.vpn.relay;

/// When a client tells its relay where it is: at addresses, and where none is answered, on a
/// stream. Times are nanoseconds of a clock that only grows.
final class BindSchedule {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1000 * MILLI;
  private static final long NEVER = Long.MIN_VALUE;

  private static final long[] TRY_EVERY = {
    200 * MILLI, 300 * MILLI, 500 * MILLI, SECOND, 2 * SECOND, 5 * SECOND, 30 * SECOND
  };

  /// Gateways forget a flow of UDP that is still for half a minute.
  private static final long KEEP_EVERY = 15 * SECOND;

  private static final long AGAIN_EVERY = 400 * MILLI;
  private static final int GIVEN_UP_AFTER = 3;

  /// The stream is asked when UDP has had so many chances.
  private static final int UDP_FIRST = 3;

  private static final long STREAM_EVERY = 2 * SECOND;
  private static final long STREAM_KEEP = 30 * SECOND;

  private boolean udp;
  private boolean stream;
  private int unanswered;
  private long askedAt = NEVER;
  private long streamAskedAt = NEVER;
  private int streamUnanswered;

  /// Whether to say it by UDP now.
  boolean askUdp(long now) {
    if (udp && unanswered >= GIVEN_UP_AFTER) {
      udp = false;
    }
    if (now < udpAt()) {
      return false;
    }
    askedAt = now;
    unanswered++;
    return true;
  }

  private long udpAt() {
    if (askedAt == NEVER) {
      return NEVER;
    }
    if (unanswered == 0) {
      return askedAt + KEEP_EVERY;
    }
    return askedAt + (udp ? AGAIN_EVERY : TRY_EVERY[Math.min(unanswered, TRY_EVERY.length) - 1]);
  }

  /// Whether to say it on the stream now; never while UDP does, which would move the seat there.
  boolean askStream(long now) {
    if (udp || unanswered <= UDP_FIRST) {
      return false;
    }
    if (stream && streamUnanswered >= GIVEN_UP_AFTER) {
      stream = false;
    }
    long every = stream && streamUnanswered == 0 ? STREAM_KEEP : STREAM_EVERY;
    if (streamAskedAt != NEVER && now < streamAskedAt + every) {
      return false;
    }
    streamAskedAt = now;
    streamUnanswered++;
    return true;
  }

  void udpAnswered() {
    udp = true;
    stream = false;
    unanswered = 0;
  }

  void streamAnswered() {
    stream = true;
    streamUnanswered = 0;
  }

  /// There is doubt: it is said again soon.
  void hurry(long now) {
    if (askedAt != NEVER && now - askedAt > SECOND) {
      askedAt = NEVER;
    }
  }

  boolean udp() {
    return udp;
  }

  boolean bound() {
    return udp || stream;
  }
}
