package io.atoll.market.advert;

import com.google.protobuf.ByteString;
import io.atoll.core.error.AtollException;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.gossip.Gossip;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.kad.Kad;
import io.atoll.p2p.kad.machine.Contact;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One search of everything there is: neighbours first, then the DHT.
final class AdvertLookup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdvertLookup.class);
  private static final int NEIGHBOURS = 4;
  private static final int QUERIES = 6;
  private static final int OF_A_PLACE = 60;

  /// The most records that one search fetches.
  private static final int MOST = 400;

  private final Host host;
  private final Kad kad;
  private final Gossip gossip;
  private final AdvertBook book;
  private final AdvertExchange exchange;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore queries = new Semaphore(QUERIES);

  AdvertLookup(Host host, Kad kad, Gossip gossip, AdvertBook book, AdvertExchange exchange) {
    this.host = host;
    this.kad = kad;
    this.gossip = gossip;
    this.book = book;
    this.exchange = exchange;
  }

  void run(AdvertKind kind) throws InterruptedException {
    all(neighbours(kind), this::ask);
    if (!kad.table().isEmpty()) { // somebody is there whom the DHT may ask
      all(unknown(kind), peer -> fetch(peer, kind));
    }
  }

  /// Some of those that serve the DHT, and of those that hear the same: on a network of a few
  /// machines nobody may serve it.
  private List<PeerId> neighbours(AdvertKind kind) throws InterruptedException {
    List<PeerId> serving = new ArrayList<>(kad.table().stream().map(Contact::id).toList());
    List<PeerId> hearing = new ArrayList<>(gossip.subscribers(kind.topic()));
    Collections.shuffle(serving);
    Collections.shuffle(hearing);
    return Stream.concat(
            serving.stream().filter(host::connected).limit(NEIGHBOURS),
            hearing.stream().filter(host::connected).limit(NEIGHBOURS))
        .distinct()
        .toList();
  }

  private void ask(PeerId neighbour) throws InterruptedException {
    try {
      int fresh = exchange.ask(neighbour);
      LOG.debug("{} told of {} advertisements", neighbour, fresh);
    } catch (IOException e) {
      LOG.debug("{} told of no advertisements: {}", neighbour, e.getMessage());
    }
  }

  /// Who advertises by the word of the DHT, and is not in the book, or soon no longer.
  private List<PeerId> unknown(AdvertKind kind) throws InterruptedException {
    Instant soon = Instant.now().plus(Duration.ofMinutes(1));
    Set<PeerId> found = ConcurrentHashMap.newKeySet();
    all(
        IntStream.range(0, AdvertKind.PLACES).boxed().toList(),
        place -> {
          for (Contact peer : kad.providers(kind.place(place), OF_A_PLACE)) {
            Advert known = book.of(kind, peer.id());
            if (!peer.id().equals(host.id()) && (known == null || !known.good(soon))) {
              found.add(peer.id());
            }
          }
        });
    return found.stream().limit(MOST).toList();
  }

  private void fetch(PeerId peer, AdvertKind kind) throws InterruptedException {
    Optional<ByteString> value = kad.get(kind.key(peer));
    if (value.isPresent()) {
      try {
        var _ = book.take(Advert.open(value.get()), Instant.now());
      } catch (IllegalArgumentException e) {
        LOG.debug("{} advertises what cannot be read: {}", peer, e.getMessage());
      }
    }
  }

  private interface Work<T> {
    void on(T item) throws InterruptedException;
  }

  /// A few at a time; returns when all are through.
  private <T> void all(List<T> items, Work<T> work) throws InterruptedException {
    List<Future<?>> running = new ArrayList<>();
    for (T item : items) {
      if (threads.isShutdown()) {
        throw new InterruptedException("closed");
      }
      running.add(
          threads.submit(
              () -> {
                queries.acquire();
                try {
                  work.on(item);
                } finally {
                  queries.release();
                }
                return null;
              }));
    }
    for (Future<?> one : running) {
      try {
        one.get();
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case InterruptedException over -> throw over;
          case AtollException failed -> LOG.debug("a query failed: {}", failed.text());
          case null, default -> throw new IllegalStateException("a search failed", e);
        }
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
