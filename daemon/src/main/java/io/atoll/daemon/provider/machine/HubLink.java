package io.atoll.daemon.provider.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.journal.Agreement;
import io.atoll.market.activity.DesiredDigest;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.ToProvider;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One hub that this provider joined.
final class HubLink {
  static final long NO_SET = -1;

  final PeerId hub;
  Agreement agreement;

  /// The open stream; 0 = none.
  long session;

  /// The hub has answered the hello of this session.
  boolean welcomed;

  /// When the hello of this session went out (monotonic).
  long helloAt;

  /// The shell was told to end this session.
  boolean closing;

  /// The hub provably heard from here at this time (monotonic) or later.
  long heard;

  long heartbeatNanos = 1_000_000_000L;
  long leaseNanos = 10_000_000_000L;
  long nextBeat;

  /// The set that this hub wants, and its revision in this session.
  final TreeMap<RunId, Order> desired = new TreeMap<>();

  long revision = NO_SET;
  private @Nullable String digest;

  HubLink(Agreement agreement, long heard) {
    this.hub = agreement.hub();
    this.agreement = agreement;
    this.heard = heard;
  }

  /// Whether a run may not go on, or begin, because the hub has been silent for longer than it lets
  /// the run be kept.
  boolean isOver(Order order, long now) {
    return keep(order) > 0 && now - heard >= keep(order);
  }

  /// How long the run may go on without the hub, in nanoseconds; 0 = for ever.
  static long keep(Order order) {
    return Duration.ofSeconds(Math.clamp(order.keepSeconds(), 0, 86_400)).toNanos();
  }

  /// Whether the set is what the hub wants as of this session.
  boolean hasSet() {
    return session != 0 && revision != NO_SET;
  }

  /// Takes in a message of the set.
  ///
  /// @return whether it fitted; one that does not is made good by a whole set
  boolean accept(ToProvider.DesiredSet set) {
    if (set.base() == ToProvider.DesiredSet.WHOLE) {
      desired.clear();
    } else if (set.base() != revision) {
      return false;
    }
    set.put().forEach(order -> desired.put(order.run(), order));
    set.remove().forEach(desired::remove);
    revision = set.revision();
    digest = null;
    return true;
  }

  String digest() {
    String known = digest;
    if (known == null) {
      known = DesiredDigest.of(desired.values());
      digest = known;
    }
    return known;
  }

  /// The order with the highest epoch of this task; null if it is not wanted.
  @Nullable Order wanted(TaskId task) {
    Map.Entry<RunId, Order> last =
        desired.floorEntry(new RunId(task, new Epoch(Integer.MAX_VALUE, Long.MAX_VALUE)));
    return last == null || !last.getKey().task().equals(task) ? null : last.getValue();
  }
}
