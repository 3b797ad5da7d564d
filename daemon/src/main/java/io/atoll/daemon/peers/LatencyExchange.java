package io.atoll.daemon.peers;

import io.atoll.core.error.AtollException;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.gossip.Gossip;
import io.atoll.p2p.gossip.TopicReader;
import io.atoll.p2p.gossip.machine.GossipEvent.Verdict;
import io.atoll.p2p.gossip.machine.GossipMessage;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.latency.LatencyBounds;
import io.atoll.p2p.latency.LatencyReport;
import io.atoll.p2p.latency.LatencyTable;
import io.atoll.p2p.ping.Ping;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fills the latency table: measures the round trips to peers that are connected directly, now and
/// then, says them by gossip, signed, and hears what others say of theirs.
final class LatencyExchange implements AutoCloseable {
  static final String TOPIC = "atoll/latency";
  private static final Logger LOG = LoggerFactory.getLogger(LatencyExchange.class);
  private static final Duration PING = Duration.ofSeconds(5);
  private static final int AT_ONCE = 32;

  /// What follows a round of measurements.
  @FunctionalInterface
  interface AfterRound {
    void measured() throws InterruptedException;
  }

  private final NetworkHost host;
  private final Identity identity;
  private final Gossip gossip;
  private final boolean tells;
  private final Pace pace;
  private final LatencyTable table;
  private final Thread thread;
  private volatile AfterRound after = () -> {};

  // Used by the measuring thread alone.
  private final Map<PeerId, Instant> measured = new HashMap<>();
  private Instant told = Instant.EPOCH;

  private LatencyExchange(
      NetworkHost host, Identity identity, Gossip gossip, boolean tells, Pace pace) {
    this.host = host;
    this.identity = identity;
    this.gossip = gossip;
    this.tells = tells;
    this.pace = pace;
    this.table = new LatencyTable(host.id(), LatencyBounds.defaults());
    this.thread = Thread.ofVirtual().name("latency").unstarted(this::run);
  }

  /// @param tells whether others hear what this node measures
  static LatencyExchange start(
      NetworkHost host, Identity identity, Gossip gossip, boolean tells, Pace pace)
      throws InterruptedException {
    LatencyExchange exchange = new LatencyExchange(host, identity, gossip, tells, pace);
    gossip.join(TOPIC, exchange.new Reader());
    exchange.thread.start();
    return exchange;
  }

  LatencyTable table() {
    return table;
  }

  /// Called on the measuring thread.
  void afterRound(AfterRound next) {
    after = next;
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(pace.measure());
        table.expire(Instant.now());
        measure();
        after.measured();
        tell();
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  /// A bounded number at once, those first that were never measured.
  private void measure() throws InterruptedException {
    Instant now = Instant.now();
    Set<PeerId> direct = new HashSet<>();
    host.swarm().connections().stream()
        .filter(each -> !each.limited())
        .map(Connection::remote)
        .forEach(direct::add);
    measured.keySet().retainAll(direct);
    List<PeerId> due =
        direct.stream()
            .filter(peer -> before(peer).plus(pace.measureAgain()).isBefore(now))
            .sorted((a, b) -> before(a).compareTo(before(b)))
            .limit(AT_ONCE)
            .toList();
    List<Thread> pings = new ArrayList<>();
    for (PeerId peer : due) {
      measured.put(peer, now);
      pings.add(Thread.ofVirtual().name("latency-ping").start(() -> ping(peer)));
    }
    for (Thread ping : pings) {
      ping.join();
    }
  }

  private Instant before(PeerId peer) {
    return measured.getOrDefault(peer, Instant.EPOCH);
  }

  /// On a stream that is closed again; the better of two, since the first may wake the line up.
  private void ping(PeerId peer) {
    try (Stream stream = host.open(peer, Ping.PROTOCOL);
        var _ = new Deadline(PING, stream::reset)) {
      Duration first = Ping.once(stream.in(), stream.out());
      Duration second = Ping.once(stream.in(), stream.out());
      table.measured(peer, first.compareTo(second) < 0 ? first : second, Instant.now());
    } catch (IOException e) {
      LOG.debug("no round trip to {}: {}", peer, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell() throws InterruptedException {
    Instant now = Instant.now();
    if (!tells || told.plus(pace.measureAgain()).isAfter(now) || table.own(now).isEmpty()) {
      return;
    }
    try {
      gossip.publish(TOPIC, table.report(identity, now).encode());
      told = now;
    } catch (AtollException e) {
      LOG.debug("round trips are not told: {}", e.text());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      gossip.leave(TOPIC);
    } catch (AtollException closing) {
      LOG.debug("gossip ended before: {}", closing.text());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// What others measured, in their own name.
  private final class Reader implements TopicReader {
    @Override
    public Verdict judge(GossipMessage message) {
      LatencyReport report;
      try {
        report = LatencyReport.open(message.data().toByteArray());
        if (!report.author().equals(PeerId.of(message.from().toByteArray()))) {
          return Verdict.REJECT;
        }
      } catch (ProtocolException | IllegalArgumentException e) {
        return Verdict.REJECT;
      }
      return switch (table.learn(report, Instant.now())) {
        case TAKEN -> Verdict.ACCEPT;
        case OLDER, EXPIRED, FUTURE, OWN, NO_ROOM -> Verdict.IGNORE;
      };
    }

    @Override
    public void accept(GossipMessage message) {
      // taken when it was judged
    }
  }
}
