package io.atoll.market.advert;

import io.atoll.core.error.AtollException;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.gossip.Gossip;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.kad.Kad;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node among those that advertise: says its own advertisements, hears those of others, and
/// answers searches from what it heard. It owns neither the DHT nor gossip, and closes neither.
public final class Adverts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Adverts.class);
  private static final Duration FIRST = Duration.ofMillis(200);
  private static final Duration SECOND = Duration.ofSeconds(5);

  private final Identity self;
  private final Kad kad;
  private final Gossip gossip;
  private final AdvertSettings settings;
  private final AdvertBook book;
  private final AdvertExchange exchange;
  private final AdvertLookup lookup;
  private final Map<AdvertKind, Supplier<? extends AdvertData>> own = new ConcurrentHashMap<>();
  private final Set<AdvertKind> wanted = ConcurrentHashMap.newKeySet();

  /// One search at a time.
  private final ReentrantLock looking = new ReentrantLock();

  private final Object news = new Object();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private boolean changed; // guarded by news
  private volatile boolean told;

  private Adverts(Identity self, Host host, Kad kad, Gossip gossip, AdvertSettings settings) {
    this.self = self;
    this.kad = kad;
    this.gossip = gossip;
    this.settings = settings;
    this.book = new AdvertBook(settings.most());
    this.exchange = new AdvertExchange(host, book);
    this.lookup = new AdvertLookup(host, kad, gossip, book, exchange);
  }

  /// Hears from here on, and passes on.
  public static Adverts start(
      Identity self, Host host, Kad kad, Gossip gossip, AdvertSettings settings)
      throws InterruptedException {
    Adverts adverts = new Adverts(self, host, kad, gossip, settings);
    adverts.exchange.serve();
    for (AdvertKind kind : AdvertKind.values()) {
      gossip.join(kind.topic(), new AdvertReader(kind, adverts.book));
    }
    adverts.threads.add(Thread.ofVirtual().name("advertise").start(adverts::advertise));
    return adverts;
  }

  /// Advertises from here on: what it is asked for each time it is said.
  public void advertise(AdvertKind kind, Supplier<? extends AdvertData> data) {
    own.put(kind, data);
    changed();
  }

  /// Searches for all of a kind from here on, again and again: costs a few hundred questions each
  /// time, so it is for hubs. Others hear what is said, and may look once.
  public void search(AdvertKind kind) {
    if (wanted.add(kind)) {
      threads.add(Thread.ofVirtual().name("find " + kind).start(() -> searching(kind)));
    }
  }

  /// Looks for all of a kind now, among neighbours and in the DHT.
  ///
  /// @throws AtollException NOT_READY while the DHT does not answer
  public void look(AdvertKind kind) throws InterruptedException {
    looking.lockInterruptibly();
    try {
      lookup.run(kind);
    } finally {
      looking.unlock();
    }
  }

  /// What is advertised has changed: it is said at once.
  public void changed() {
    synchronized (news) {
      changed = true;
      news.notifyAll();
    }
  }

  /// Providers of this node's cache that pass, newest first.
  public List<Advert> providers(AdvertFilter filter, int limit) {
    return book.providers(filter, limit, Instant.now());
  }

  /// Hubs of this node's cache, newest first.
  public List<Advert> hubs(int limit) {
    return book.hubs(limit, Instant.now());
  }

  /// What a peer advertised last, as far as this node has heard.
  public Optional<Advert> of(AdvertKind kind, PeerId peer) {
    return Optional.ofNullable(book.of(kind, peer)).filter(known -> known.good(Instant.now()));
  }

  /// How many advertisements are kept.
  public int known() {
    return book.size();
  }

  /// Whether the DHT has all that this node advertises.
  boolean told() {
    return told;
  }

  private void advertise() {
    Duration pause = FIRST;
    try {
      while (true) {
        boolean all = true;
        for (Supplier<? extends AdvertData> data : own.values()) {
          all &= tell(data.get());
        }
        boolean before = told;
        told = all && !own.isEmpty();
        book.expire(Instant.now());
        if (!all) {
          pause = doubled(pause, settings.every()); // nobody was there to take it: soon again
        } else {
          // The first may have been said before gossip knew anybody.
          pause = before || own.isEmpty() ? jittered(settings.every()) : SECOND;
        }
        if (await(pause)) {
          pause = FIRST;
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return whether anybody took it
  private boolean tell(AdvertData data) throws InterruptedException {
    try {
      Advert advert = Advert.sign(self, data, Instant.now(), settings.life());
      book.take(advert, Instant.now());
      gossip.publish(advert.kind().topic(), advert.signed().toByteArray());
      int kept = kad.put(advert.kind().key(self.id()), advert.signed());
      kad.provide(advert.kind().place(AdvertKind.placeOf(self.id())));
      return kept > 0;
    } catch (AtollException | IllegalArgumentException e) {
      LOG.debug("could not advertise: {}", e.getMessage());
      return false;
    }
  }

  /// @return whether there was news before the time was over
  private boolean await(Duration pause) throws InterruptedException {
    long until = System.nanoTime() + pause.toNanos();
    synchronized (news) {
      for (long left = pause.toMillis();
          !changed && left > 0;
          left = (until - System.nanoTime()) / 1_000_000) {
        news.wait(left);
      }
      boolean was = changed;
      changed = false;
      return was;
    }
  }

  private void searching(AdvertKind kind) {
    Duration pause = FIRST;
    try {
      while (true) {
        try {
          look(kind);
        } catch (AtollException | RejectedExecutionException e) {
          LOG.debug("could not look for advertisements: {}", e.getMessage());
        }
        Thread.sleep(pause);
        pause = doubled(pause, settings.look());
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration doubled(Duration pause, Duration most) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(most) > 0 ? jittered(most) : twice;
  }

  /// So that not all nodes speak at once.
  private static Duration jittered(Duration pause) {
    long millis = Math.max(2, pause.toMillis());
    return Duration.ofMillis(millis - ThreadLocalRandom.current().nextLong(millis / 4 + 1));
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    lookup.close();
    try {
      for (AdvertKind kind : AdvertKind.values()) {
        gossip.leave(kind.topic());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
