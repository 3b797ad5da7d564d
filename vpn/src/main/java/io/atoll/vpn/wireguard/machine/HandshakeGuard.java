package io.atoll.vpn.wireguard.machine;

import java.util.LinkedHashMap;
import java.util.Map;

/// How much work the handshakes of others may make. There are three kinds of work, each with so
/// much a second: trying which of the local identities a message is for (a mac for each), answering
/// with
/// a cookie, and the handshake itself (curve arithmetic, a hundred times as dear as a mac).
///
/// While handshakes are few, all are served. When half of what a second allows is spent, only those
/// are whose sender has shown, by a cookie, that it receives at its address, and of each such
/// address so many a second. Used by one thread at a time.
public final class HandshakeGuard {
  /// A mac takes about a microsecond: a tenth of a core at most.
  static final int TRIALS = 100_000;

  static final int COOKIES = 2_000;

  /// A handshake takes about a quarter of a millisecond: an eighth of a core at most.
  static final int HANDSHAKES = 500;

  /// Of one address, as stock WireGuard has it.
  static final int PER_SOURCE = 20;

  static final int SOURCE_BURST = 5;
  static final int SOURCES = 8192;

  /// For so long after it was busy a node still asks for cookies, so that it does not swing.
  private static final long BUSY_NANOS = 1_000_000_000L;

  private final TokenBucket trials = new TokenBucket(TRIALS, TRIALS / 4);
  private final TokenBucket cookies = new TokenBucket(COOKIES, COOKIES / 4);
  private final TokenBucket handshakes = new TokenBucket(HANDSHAKES, HANDSHAKES / 4);
  private final Map<Source, TokenBucket> sources =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, TokenBucket> eldest) {
          return size() > SOURCES;
        }
      };
  private long busyUntil = Long.MIN_VALUE;
  private boolean forced;

  /// Whom a cookie is for, in so far as senders are told apart.
  private record Source(String key) {
    static Source of(byte[] source) {
      // Of IPv6 a sender commonly has 64 bits for itself. The port, last, does not count.
      int end = source.length > 16 ? 8 : Math.max(0, source.length - 2);
      return new Source(new String(source, 0, end, java.nio.charset.StandardCharsets.ISO_8859_1));
    }
  }

  /// Whether macs of so many identities may be tried.
  public boolean mayTry(long now, int identities) {
    return trials.take(now, identities);
  }

  public boolean mayGiveCookie(long now) {
    return cookies.take(now, 1);
  }

  /// Whether senders have to show a cookie now.
  public boolean busy(long now) {
    if (forced || handshakes.left(now) < 50 || trials.left(now) < 50) {
      busyUntil = now + BUSY_NANOS;
    }
    return now < busyUntil;
  }

  /// Whether the handshake of a message may be done.
  ///
  /// @param proved the sender has shown its cookie
  public boolean mayShakeHands(long now, byte[] source, boolean proved) {
    if (proved
        && !sources
            .computeIfAbsent(Source.of(source), _ -> new TokenBucket(PER_SOURCE, SOURCE_BURST))
            .take(now, 1)) {
      return false;
    }
    return handshakes.take(now, 1);
  }

  /// Lets the node ask for cookies always, or only when it is busy again.
  public void alwaysBusy(boolean forced) {
    this.forced = forced;
  }
}
