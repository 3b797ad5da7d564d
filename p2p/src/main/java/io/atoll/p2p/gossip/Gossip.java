package io.atoll.p2p.gossip;

import com.google.protobuf.ByteString;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.core.multiformat.Uvarint;
import io.atoll.core.time.Now;
import io.atoll.p2p.gossip.machine.GossipAction;
import io.atoll.p2p.gossip.machine.GossipConfig;
import io.atoll.p2p.gossip.machine.GossipEvent;
import io.atoll.p2p.gossip.machine.GossipEvent.Verdict;
import io.atoll.p2p.gossip.machine.GossipMachine;
import io.atoll.p2p.gossip.machine.GossipMessage;
import io.atoll.p2p.gossip.machine.GossipStats;
import io.atoll.p2p.gossip.machine.MessageId;
import io.atoll.p2p.gossip.machine.Rpc;
import io.atoll.p2p.gossip.machine.RpcCodec;
import io.atoll.p2p.gossip.machine.Version;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.PeerWatch;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.identify.Identified;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node of gossipsub over a host. One thread owns the machine and takes what comes from its
/// inbox; each peer has a thread that writes and one that reads, and so has each check under way.
public final class Gossip implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Gossip.class);
  private static final int INBOX = 4096;
  private static final int MAX_CHECKS_AT_ONCE = 4;
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final Host host;
  private final Identity identity;
  private final GossipConfig config;
  private final GossipMachine machine; // used by the owner's thread alone
  private final BlockingQueue<Runnable> inbox = new ArrayBlockingQueue<>(INBOX);
  private final Map<PeerId, PeerLine> lines = new ConcurrentHashMap<>();
  private final Set<PeerId> opening = ConcurrentHashMap.newKeySet();
  private final Map<PeerId, Stream> inbound = new ConcurrentHashMap<>();
  private final Map<String, TopicLine> readers = new ConcurrentHashMap<>();
  private final Semaphore checks = new Semaphore(MAX_CHECKS_AT_ONCE);
  private final AtomicLong seqno = new AtomicLong();
  private final Thread owner;
  private volatile Consumer<List<Rpc.Suggestion>> meet = _ -> {};
  private volatile boolean closed;

  private Gossip(Host host, Identity identity, GossipConfig config) {
    this.host = host;
    this.identity = identity;
    this.config = config;
    this.machine = new GossipMachine(config, identity.id(), new SecureRandom());
    this.owner = Thread.ofVirtual().name("gossip").unstarted(this::own);
    // Others drop what does not grow, over restarts too.
    Instant now = Instant.now();
    seqno.set(now.getEpochSecond() * 1_000_000_000L + now.getNano());
  }

  /// Takes part from here on; in topics once it joins them.
  public static Gossip start(Host host, Identity identity, GossipConfig config) {
    Gossip gossip = new Gossip(host, identity, config);
    gossip.owner.start();
    for (Version version : Version.newestFirst()) {
      host.handle(version.protocol(), gossip::read);
    }
    host.watch(gossip.new Watch());
    return gossip;
  }

  /// Who is told of the peers that good peers suggest.
  public void onSuggestions(Consumer<List<Rpc.Suggestion>> consumer) {
    meet = consumer;
  }

  public void join(String topic, TopicReader reader) throws InterruptedException {
    TopicLine before = readers.put(topic, new TopicLine(topic, reader));
    if (before != null) {
      before.close();
    }
    post(new GossipEvent.Join(topic));
  }

  public void leave(String topic) throws InterruptedException {
    post(new GossipEvent.Leave(topic));
    TopicLine reader = readers.remove(topic);
    if (reader != null) {
      reader.close();
    }
  }

  /// Publishes to all who are in the topic, which this node need not be.
  ///
  /// @return the message's id
  public MessageId publish(String topic, byte[] data) throws InterruptedException {
    if (data.length > config.maxMessage()) {
      throw new AtollException(
          ErrorCode.TOO_LARGE,
          "cannot publish " + data.length + " bytes in " + topic,
          "a message has at most " + config.maxMessage() + " bytes");
    }
    GossipMessage message =
        GossipMessage.sign(identity, topic, ByteString.copyFrom(data), seqno.incrementAndGet());
    post(new GossipEvent.Publish(message));
    return message.id();
  }

  /// What the program thinks of a peer; bad ones lose their place in the meshes.
  public void rate(PeerId peer, double score) throws InterruptedException {
    post(new GossipEvent.Rate(peer, score));
  }

  public Set<PeerId> mesh(String topic) throws InterruptedException {
    return look(machine -> machine.mesh(topic));
  }

  public List<PeerId> subscribers(String topic) throws InterruptedException {
    return look(machine -> machine.subscribers(topic));
  }

  public double score(PeerId peer) throws InterruptedException {
    return look(machine -> machine.score(Now.read(), peer));
  }

  /// The signed record of a connected peer, which others get where they are sent elsewhere.
  public void recordOf(PeerId peer, ByteString record) throws InterruptedException {
    post(new GossipEvent.RecordOf(peer, record));
  }

  public GossipStats stats() throws InterruptedException {
    return look(GossipMachine::stats);
  }

  @Override
  public void close() {
    closed = true;
    owner.interrupt();
    lines.values().forEach(PeerLine::close);
    inbound.values().forEach(Stream::reset);
    readers.values().forEach(TopicLine::close);
  }

  private <T> T look(Function<GossipMachine, T> question) throws InterruptedException {
    var answer = new CompletableFuture<T>();
    inbox.put(() -> answer.complete(question.apply(machine)));
    try {
      return answer.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AtollException(
          ErrorCode.NOT_READY, "gossip of this node did not answer", "is it shutting down?", e);
    }
  }

  private void post(GossipEvent event) throws InterruptedException {
    if (!closed) {
      inbox.put(() -> step(event));
    }
  }

  private void own() {
    long beat = System.nanoTime() + Duration.ofMillis(100).toNanos();
    try {
      while (!closed) {
        Runnable next = inbox.poll(Math.max(0, beat - System.nanoTime()), TimeUnit.NANOSECONDS);
        if (next != null) {
          next.run();
        }
        if (System.nanoTime() - beat >= 0) {
          beat = System.nanoTime() + config.heartbeat().toNanos();
          step(new GossipEvent.Heartbeat());
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private void step(GossipEvent event) {
    for (GossipAction action : machine.step(Now.read(), event)) {
      switch (action) {
        case GossipAction.Send send -> {
          PeerLine line = lines.get(send.to());
          if (line != null) {
            line.send(send.rpc());
          }
        }
        case GossipAction.Check check -> later("gossip-check", () -> check(check));
        case GossipAction.Deliver deliver -> {
          TopicLine reader = readers.get(deliver.message().topic());
          if (reader != null) {
            reader.deliver(deliver.message());
          }
        }
        case GossipAction.Meet suggested ->
            later("gossip-meet", () -> meet.accept(suggested.peers()));
      }
    }
  }

  private void check(GossipAction.Check check) throws InterruptedException {
    Verdict verdict = Verdict.REJECT;
    checks.acquire();
    try {
      if (check.message().signed()) {
        TopicLine line = readers.get(check.message().topic());
        verdict = line == null ? Verdict.IGNORE : line.reader().judge(check.message());
      }
    } catch (RuntimeException e) {
      log.warn("the reader of {} failed: {}", check.message().topic(), e.toString());
      verdict = Verdict.IGNORE;
    } finally {
      checks.release();
    }
    post(new GossipEvent.Judged(check.check(), verdict));
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static void later(String name, Work work) {
    Thread.ofVirtual()
        .name(name)
        .start(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                log.debug("gossip: {}", e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /// Keeps a stream to a peer for as long as it is connected and speaks any version.
  private void write(PeerId peer, boolean outbound, Multiaddr remote) throws InterruptedException {
    if (!opening.add(peer)) {
      return;
    }
    try {
      boolean speaks = true;
      while (speaks && !closed && host.connected(peer)) {
        speaks = writeOnce(peer, outbound, remote);
        if (speaks) {
          Thread.sleep(AGAIN);
        }
      }
    } finally {
      opening.remove(peer);
    }
  }

  /// Writes on one stream, in the newest version that the peer speaks, until it ends.
  ///
  /// @return whether it speaks any
  private boolean writeOnce(PeerId peer, boolean outbound, Multiaddr remote)
      throws InterruptedException {
    for (Version version : Version.newestFirst()) {
      Stream stream;
      try {
        stream = host.open(peer, version.protocol());
      } catch (IOException notSpoken) {
        if (!host.connected(peer)) {
          return false;
        }
        continue;
      }
      PeerLine line = new PeerLine(stream);
      lines.put(peer, line);
      try {
        post(new GossipEvent.PeerOpened(peer, version, outbound, shared(remote)));
        line.ready();
        line.run();
      } catch (IOException e) {
        log.debug("gossip: the stream to {} ended: {}", peer, e.getMessage());
      } finally {
        lines.remove(peer, line);
        line.close();
        post(new GossipEvent.PeerGone(peer));
      }
      return true;
    }
    return false;
  }

  /// What peers of one machine have in common; loopback and names say nothing.
  private static Optional<String> shared(Multiaddr remote) {
    return remote
        .value(Protocol.IP4)
        .or(() -> remote.value(Protocol.IP6))
        .filter(ip -> !ip.startsWith("127.") && !ip.equals("::1"));
  }

  /// Reads what a peer sends; nothing is ever written on its stream. A second stream of a peer
  /// takes the place of the first.
  private void read(Stream stream) throws IOException, InterruptedException {
    PeerId peer = stream.remote();
    Stream before = inbound.put(peer, stream);
    if (before != null) {
      before.reset();
    }
    try {
      awaitLine(peer);
      while (!closed) {
        int length = (int) Uvarint.read(stream.in(), RpcCodec.MAX_RPC);
        byte[] bytes = stream.in().readNBytes(length);
        if (bytes.length < length) {
          throw new EOFException("end of stream inside an RPC");
        }
        Rpc rpc;
        try {
          rpc = RpcCodec.decode(bytes);
        } catch (IllegalArgumentException e) {
          throw new ProtocolException(e.getMessage());
        }
        // A full inbox holds the peer back: its stream is read no further.
        post(new GossipEvent.Received(peer, rpc));
      }
    } catch (EOFException end) {
      log.debug("gossip: {} ended its stream", peer);
    } finally {
      inbound.remove(peer, stream);
    }
  }

  /// What a peer says counts once the machine knows it, which it does when it can answer.
  private void awaitLine(PeerId peer) throws IOException, InterruptedException {
    for (int tries = 0; tries < 1000; tries++) {
      PeerLine line = lines.get(peer);
      if (line != null && line.isReady()) {
        return;
      }
      Thread.sleep(10);
    }
    throw new ProtocolException(peer + " takes no stream of gossip, and sends one");
  }

  /// How a peer is connected.
  private record Connected(Multiaddr remote, boolean dialled) {}

  private final class Watch implements PeerWatch {
    private final Map<PeerId, Connected> connected = new ConcurrentHashMap<>();

    @Override
    public void connected(PeerId peer, Multiaddr remote, boolean dialled) {
      connected.put(peer, new Connected(remote, dialled));
      if (!closed) {
        later("gossip-line", () -> write(peer, dialled, remote));
      }
    }

    /// A peer may begin to speak it some time after it connected.
    @Override
    public void identified(PeerId peer, Identified said) {
      Connected how = connected.get(peer);
      boolean speaks =
          Version.newestFirst().stream()
              .map(Version::protocol)
              .anyMatch(said.protocols()::contains);
      if (!closed && speaks && how != null && !lines.containsKey(peer)) {
        later("gossip-line", () -> write(peer, how.dialled, how.remote));
      }
    }

    @Override
    public void disconnected(PeerId peer) {
      connected.remove(peer);
      PeerLine line = lines.get(peer);
      if (line != null) {
        line.close();
      }
    }
  }
}
