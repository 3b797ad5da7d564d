package io.atoll.p2p.mdns;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which findings are worth telling: what is new, what changed, and from time to time what is still
/// so; bounded whatever is said on the network. Pure: who asks says what time it is. Not safe for
/// threads.
final class Reports {
  private static final int REMEMBERED = 512;
  private static final int SOURCES = 256;
  private static final long AGAIN = Duration.ofMinutes(1).toNanos();
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private record Told(List<Multiaddr> addresses, long nanos) {}

  private final int perMinute;
  private final int perMinuteFromOne;
  private final Map<PeerId, Told> told = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<InetAddress, Integer> counts = new HashMap<>();
  private long minuteBegan;
  private int inMinute;

  /// @param perMinute findings from the whole network
  /// @param perMinuteFromOne findings from one address, which may invent peers
  Reports(int perMinute, int perMinuteFromOne, long nowNanos) {
    this.perMinute = perMinute;
    this.perMinuteFromOne = perMinuteFromOne;
    this.minuteBegan = nowNanos;
  }

  enum Verdict {
    TELL,
    KNOWN,
    TOO_MANY
  }

  Verdict judge(FoundPeer found, InetAddress from, long nowNanos) {
    Told before = told.get(found.peer());
    if (before != null
        && before.addresses.equals(found.addresses())
        && nowNanos - before.nanos < AGAIN) {
      return Verdict.KNOWN;
    }
    if (nowNanos - minuteBegan >= MINUTE) {
      minuteBegan = nowNanos;
      inMinute = 0;
      counts.clear();
    }
    int ofOne = counts.getOrDefault(from, 0);
    if (inMinute >= perMinute
        || ofOne >= perMinuteFromOne
        || (ofOne == 0 && counts.size() >= SOURCES)) {
      return Verdict.TOO_MANY;
    }
    inMinute++;
    counts.put(from, ofOne + 1);
    told.put(found.peer(), new Told(found.addresses(), nowNanos));
    if (told.size() > REMEMBERED) {
      told.remove(told.keySet().iterator().next());
    }
    return Verdict.TELL;
  }
}
