package io.atoll.p2p.kad;

import com.google.protobuf.ByteString;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.time.Now;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.PeerWatch;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.kad.machine.Contact;
import io.atoll.p2p.kad.machine.KadAction;
import io.atoll.p2p.kad.machine.KadEvent;
import io.atoll.p2p.kad.machine.KadGoal;
import io.atoll.p2p.kad.machine.KadMachine;
import io.atoll.p2p.kad.machine.KadMessage;
import io.atoll.p2p.kad.machine.KadRecord;
import io.atoll.p2p.kad.machine.KadResult;
import io.atoll.p2p.kad.machine.KadStats;
import io.atoll.p2p.transport.Deadline;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node of the DHT over a host. One thread owns the machine and takes what comes from its inbox;
/// each request and each stream has a virtual thread of its own. The methods block.
public final class Kad implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Kad.class);
  private static final int INBOX = 4096;
  private static final int MAX_REQUESTS = 128;
  private static final int MAX_STREAMS_OF_PEER = 32;
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final Duration DIAL = Duration.ofSeconds(8);
  private static final Duration CONTACT_AGAIN = Duration.ofSeconds(30);

  private final Host host;
  private final KadSettings settings;
  private final KadMachine machine; // used by the owner's thread alone
  private final BlockingQueue<Runnable> inbox = new ArrayBlockingQueue<>(INBOX);
  private final Map<Long, CompletableFuture<KadResult>> queries = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<Optional<KadMessage>>> exchanges =
      new ConcurrentHashMap<>();
  private final Map<PeerId, Multiaddr> seenAt = new ConcurrentHashMap<>();
  private final Map<PeerId, Integer> streams = new ConcurrentHashMap<>();
  private final Semaphore requests = new Semaphore(MAX_REQUESTS);
  private final AtomicLong ids = new AtomicLong();
  private final SecureRandom random = new SecureRandom();
  private final Thread owner;
  private volatile boolean serving;
  private volatile boolean closed;

  private Kad(Host host, Optional<PublicKey> key, KadSettings settings) {
    this.host = host;
    this.settings = settings;
    this.machine =
        new KadMachine(
            settings.config(), host.id(), key, settings.validators(), new SecureRandom());
    this.owner = Thread.ofVirtual().name("kad").unstarted(this::own);
  }

  /// Takes part from here on.
  ///
  /// @param key of this node, which it answers under `/pk/`; its id may hold it already
  public static Kad start(Host host, Optional<PublicKey> key, KadSettings settings) {
    Kad kad = new Kad(host, key, settings);
    kad.owner.start();
    if (settings.serves()) {
      kad.startServing();
    }
    host.watch(kad.new Watch());
    kad.seenAt.forEach((peer, address) -> later(() -> kad.meet(peer, address)));
    return kad;
  }

  /// Others may ask this node from here on: it turned out to be reachable.
  public void startServing() {
    if (!serving) {
      serving = true;
      host.handle(settings.protocol(), this::serve);
      List<Multiaddr> own = addresses();
      inbox.offer(() -> act(machine.step(Now.read(), new KadEvent.Self(own, true))));
    }
  }

  /// Others may not ask this node any more: it turned out that they cannot reach it.
  public void stopServing() {
    if (serving) {
      serving = false;
      host.unhandle(settings.protocol());
      List<Multiaddr> own = addresses();
      inbox.offer(() -> act(machine.step(Now.read(), new KadEvent.Self(own, false))));
    }
  }

  /// Whether others may ask this node.
  public boolean serves() {
    return serving;
  }

  /// The peers nearest to the hash of something, nearest first.
  public List<Contact> closest(byte[] preimage) throws InterruptedException {
    return switch (run(new KadGoal.Closest(ByteString.copyFrom(preimage)))) {
      case KadResult.Closest closest -> closest.peers();
      case KadResult other -> throw unexpected(other);
    };
  }

  /// A walk to a random place: peers that this node may not have met.
  public List<Contact> walk() throws InterruptedException {
    byte[] somewhere = new byte[32];
    random.nextBytes(somewhere);
    return closest(somewhere);
  }

  public Optional<Contact> findPeer(PeerId peer) throws InterruptedException {
    return switch (run(new KadGoal.FindPeer(peer))) {
      case KadResult.Found found -> found.peer();
      case KadResult other -> throw unexpected(other);
    };
  }

  /// The best valid value under a key.
  public Optional<ByteString> get(ByteString key) throws InterruptedException {
    return switch (run(new KadGoal.Get(key, 3))) {
      case KadResult.Value value -> value.value();
      case KadResult other -> throw unexpected(other);
    };
  }

  /// Stores a value at the nearest peers, now and again until it expires or `forget`.
  ///
  /// @return how many peers took it
  /// @throws AtollException if the key's validator refuses it
  public int put(ByteString key, ByteString value) throws InterruptedException {
    return stored(run(new KadGoal.Put(key, value)), "store a value of " + value.size() + " bytes");
  }

  /// Says to the peers nearest to a multihash that this node provides what it names.
  public int provide(ByteString multihash) throws InterruptedException {
    return stored(run(new KadGoal.Provide(multihash)), "announce a provider");
  }

  /// Lets a value or a provider entry expire.
  public void forget(ByteString key) throws InterruptedException {
    post(new KadEvent.Forget(key));
  }

  public List<Contact> providers(ByteString multihash, int enough) throws InterruptedException {
    return switch (run(new KadGoal.Providers(multihash, enough))) {
      case KadResult.Providers found -> found.providers();
      case KadResult other -> throw unexpected(other);
    };
  }

  /// The routing table.
  public List<Contact> table() throws InterruptedException {
    return look(KadMachine::peers);
  }

  /// What is kept here for others.
  public List<KadRecord> records() throws InterruptedException {
    return look(KadMachine::records);
  }

  public KadStats stats() throws InterruptedException {
    return look(KadMachine::stats);
  }

  @Override
  public void close() {
    closed = true;
    owner.interrupt();
    queries.values().forEach(query -> query.cancel(false));
    exchanges.values().forEach(exchange -> exchange.cancel(false));
  }

  private static int stored(KadResult result, String what) {
    return switch (result) {
      case KadResult.Stored stored -> stored.peers();
      case KadResult.Refused refused ->
          throw new AtollException(
              ErrorCode.BAD_REQUEST,
              "cannot " + what + " in the DHT: " + refused.why(),
              "sign the value for its key, and let it end within a week");
      case KadResult other -> throw unexpected(other);
    };
  }

  private static RuntimeException unexpected(KadResult result) {
    if (result instanceof KadResult.Refused refused) {
      return new AtollException(
          ErrorCode.TOO_MANY_REQUESTS,
          "cannot search the DHT: " + refused.why(),
          "try again in a minute");
    }
    return new IllegalStateException("a query ended with " + result);
  }

  private KadResult run(KadGoal goal) throws InterruptedException {
    long id = ids.incrementAndGet();
    var result = new CompletableFuture<KadResult>();
    queries.put(id, result);
    try {
      post(new KadEvent.Start(id, goal));
      return await(result, settings.config().queryTimeout().multipliedBy(3));
    } finally {
      queries.remove(id);
    }
  }

  private <T> T look(Function<KadMachine, T> question) throws InterruptedException {
    var answer = new CompletableFuture<T>();
    inbox.put(() -> answer.complete(question.apply(machine)));
    return await(answer, Duration.ofSeconds(30));
  }

  private <T> T await(CompletableFuture<T> future, Duration most) throws InterruptedException {
    try {
      if (closed) {
        future.cancel(false);
      }
      return future.get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | java.util.concurrent.CancellationException e) {
      throw new AtollException(
          ErrorCode.NOT_READY, "the DHT of this node did not answer", "is it shutting down?", e);
    }
  }

  private void post(KadEvent event) throws InterruptedException {
    if (!closed) {
      inbox.put(() -> act(machine.step(Now.read(), event)));
    }
  }

  private void own() {
    long tick = System.nanoTime();
    long contact = tick;
    try {
      while (!closed) {
        Runnable next = inbox.poll(Math.max(0, tick - System.nanoTime()), TimeUnit.NANOSECONDS);
        if (next != null) {
          next.run();
        }
        if (System.nanoTime() - tick >= 0) {
          tick = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
          act(machine.step(Now.read(), new KadEvent.Tick()));
        }
        if (System.nanoTime() - contact >= 0) {
          contact = System.nanoTime() + CONTACT_AGAIN.toNanos();
          act(machine.step(Now.read(), new KadEvent.Self(addresses(), serving)));
          if (machine.peers().isEmpty()) {
            settings.bootstrap().forEach(address -> later(() -> bootstrap(address)));
            seenAt.forEach((peer, address) -> later(() -> meet(peer, address)));
          }
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Multiaddr> addresses() {
    return host.listening().stream().map(Multiaddr::parse).map(Multiaddr::withoutPeer).toList();
  }

  private void act(List<KadAction> actions) {
    for (KadAction action : actions) {
      switch (action) {
        case KadAction.Ask ask -> later(() -> ask(ask));
        case KadAction.Reply reply -> exchange(reply.exchange()).complete(reply.answer());
        case KadAction.Refuse refuse ->
            exchange(refuse.exchange())
                .completeExceptionally(new ProtocolException("refused: " + refuse.why()));
        case KadAction.Finished finished -> {
          CompletableFuture<KadResult> query = queries.get(finished.query());
          if (query != null) {
            query.complete(finished.result());
          }
        }
      }
    }
  }

  private CompletableFuture<Optional<KadMessage>> exchange(long id) {
    CompletableFuture<Optional<KadMessage>> exchange = exchanges.remove(id);
    return exchange == null ? new CompletableFuture<>() : exchange;
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static void later(Work work) {
    Thread.ofVirtual()
        .name("kad-work")
        .start(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                log.debug("kad: {}", e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void ask(KadAction.Ask ask) throws InterruptedException {
    PeerId peer = ask.to().id();
    KadEvent outcome;
    requests.acquire();
    try {
      if (!host.connected(peer)) {
        List<String> addresses =
            ask.to().addresses().stream().map(a -> a.withPeer(peer.text()).toString()).toList();
        host.connect(peer, addresses, DIAL);
      }
      KadMessage answer = exchange(peer, ask.message());
      outcome = new KadEvent.Answered(ask.request(), answer, Optional.ofNullable(seenAt.get(peer)));
    } catch (IOException e) {
      log.debug("kad: {} of {}: {}", ask.message().type(), peer, e.getMessage());
      outcome = new KadEvent.Failed(ask.request());
    } finally {
      requests.release();
    }
    post(outcome);
  }

  private KadMessage exchange(PeerId peer, KadMessage message)
      throws IOException, InterruptedException {
    Stream stream = host.open(peer, settings.protocol());
    try (var _ = new Deadline(settings.config().rpcTimeout(), stream::reset)) {
      Frames.write(stream.out(), message);
      KadMessage answer = message;
      if (message.type() != KadMessage.Type.ADD_PROVIDER) {
        answer = Frames.read(stream.in());
      }
      stream.close();
      return answer;
    } catch (IOException e) {
      stream.reset();
      throw e;
    }
  }

  /// Answers request after request until the peer ends the stream.
  private void serve(Stream stream) throws IOException, InterruptedException {
    PeerId peer = stream.remote();
    int open = streams.merge(peer, 1, Integer::sum);
    try {
      if (open > MAX_STREAMS_OF_PEER) {
        throw new ProtocolException("more than " + MAX_STREAMS_OF_PEER + " kad streams of a peer");
      }
      while (!closed) {
        KadMessage request;
        try (var _ = new Deadline(IDLE, stream::reset)) {
          request = Frames.read(stream.in());
        } catch (EOFException end) {
          return;
        }
        long id = ids.incrementAndGet();
        var answer = new CompletableFuture<Optional<KadMessage>>();
        exchanges.put(id, answer);
        Runnable asked = () -> act(machine.step(Now.read(), new KadEvent.Asked(id, peer, request)));
        try {
          if (!inbox.offer(asked, 1, TimeUnit.SECONDS)) {
            throw new IOException("too busy for a request of " + peer);
          }
          Optional<KadMessage> said = answer.get(30, TimeUnit.SECONDS);
          if (said.isPresent()) {
            try (var _ = new Deadline(IDLE, stream::reset)) {
              Frames.write(stream.out(), said.get());
            }
          }
        } catch (ExecutionException
            | TimeoutException
            | java.util.concurrent.CancellationException e) {
          throw new IOException("a request of " + peer + " was not answered", e);
        } finally {
          exchanges.remove(id);
        }
      }
    } finally {
      streams.computeIfPresent(peer, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private void bootstrap(String address) throws IOException, InterruptedException {
    Optional<String> peer = Multiaddr.parse(address).peer();
    if (peer.isPresent()) {
      host.connect(PeerId.parse(peer.get()), List.of(address), DIAL);
    }
  }

  /// Asks who a peer is; one that serves the protocol may come into the table.
  private void meet(PeerId peer, Multiaddr address) throws IOException, InterruptedException {
    learn(peer, address, P2p.identify(host, peer));
  }

  private void learn(PeerId peer, Multiaddr address, Identified said) throws InterruptedException {
    if (said.protocols().contains(settings.protocol())) {
      List<Multiaddr> addresses = said.listen().stream().map(Multiaddr::withoutPeer).toList();
      post(new KadEvent.ServerSeen(Contact.of(peer, addresses), Optional.of(address)));
    }
  }

  private final class Watch implements PeerWatch {
    @Override
    public void connected(PeerId peer, Multiaddr remote, boolean dialled) {
      if (!closed) {
        seenAt.put(peer, remote);
      }
    }

    @Override
    public void identified(PeerId peer, Identified said) {
      Multiaddr address = seenAt.get(peer);
      if (address != null && !closed) {
        later(() -> learn(peer, address, said));
      }
    }

    @Override
    public void disconnected(PeerId peer) {
      seenAt.remove(peer);
    }
  }
}
