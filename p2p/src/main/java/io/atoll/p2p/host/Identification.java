package io.atoll.p2p.host;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.identify.Identify;
import io.atoll.p2p.peer.PeerStore;
import io.atoll.p2p.record.SignedPeerRecord;
import io.atoll.p2p.swarm.ConnectionWatcher;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks every new connection who is there, answers the same question, and pushes what changes here
/// to those who take pushes. What peers say ends in the peer store.
final class Identification implements ConnectionWatcher {
  private static final Logger log = LoggerFactory.getLogger(Identification.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /// Changes in a row are one push.
  private static final Duration SETTLE = Duration.ofMillis(250);

  /// What this host is, apart from what depends on who asks.
  record Self(List<Multiaddr> listening, List<String> protocols, String version, String agent) {}

  interface Opener {
    Stream open(Connection connection, String protocol) throws IOException, InterruptedException;
  }

  private final Identity identity;
  private final PeerStore peers;
  private final Supplier<Self> self;
  private final Opener opener;
  private final List<HostWatcher> watchers = new CopyOnWriteArrayList<>();

  /// A question at a time on each connection.
  private final Map<Connection, ReentrantLock> questions = new ConcurrentHashMap<>();

  // Under the lock of this object.
  private @Nullable SignedPeerRecord record;
  private boolean pushing;

  Identification(Identity identity, PeerStore peers, Supplier<Self> self, Opener opener) {
    this.identity = identity;
    this.peers = peers;
    this.self = self;
    this.opener = opener;
  }

  void watch(HostWatcher watcher) {
    watchers.add(watcher);
  }

  @Override
  public void opened(Connection connection) {
    questions.put(connection, new ReentrantLock());
    Thread.ofVirtual()
        .name("identify")
        .start(
            () -> {
              try {
                ask(connection);
              } catch (IOException e) {
                log.debug("{} does not say what it is: {}", connection.remote(), e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  @Override
  public void closed(Connection connection) {
    questions.remove(connection);
  }

  Identified ask(Connection connection) throws IOException, InterruptedException {
    ReentrantLock question = questions.get(connection);
    if (question == null) {
      throw new IOException("peer " + connection.remote() + " is not connected any more");
    }
    question.lockInterruptibly();
    try (Stream stream = opener.open(connection, Identify.PROTOCOL);
        var _ = new Deadline(TIMEOUT, stream::reset)) {
      Identified said = Identify.read(stream.in());
      learn(connection, said);
      return said;
    } finally {
      question.unlock();
    }
  }

  void answer(Connection connection, Stream stream) throws IOException {
    Self now = self.get();
    Identify.write(
        stream.out(), described(now, Optional.of(connection.remoteAddress().withoutPeer())));
  }

  void takePush(Connection connection, Stream stream) throws IOException {
    try (var _ = new Deadline(TIMEOUT, stream::reset)) {
      learn(connection, Identify.read(stream.in()));
    }
  }

  /// Something that this host says of itself is different now.
  ///
  /// @param connections those to tell, as they are when it is told
  void changed(Supplier<List<Connection>> connections) {
    synchronized (this) {
      if (pushing || questions.isEmpty()) {
        return;
      }
      pushing = true;
    }
    Thread.ofVirtual()
        .name("identify-push")
        .start(
            () -> {
              try {
                Thread.sleep(SETTLE);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              synchronized (this) {
                pushing = false;
              }
              for (Connection connection : connections.get()) {
                Thread.ofVirtual().name("identify-push").start(() -> push(connection));
              }
            });
  }

  private void push(Connection connection) {
    boolean takes =
        peers
            .find(connection.remote())
            .map(known -> known.protocols().contains(Identify.PUSH_PROTOCOL))
            .orElse(false);
    if (!takes) {
      return;
    }
    try (Stream stream = opener.open(connection, Identify.PUSH_PROTOCOL);
        var _ = new Deadline(TIMEOUT, stream::reset)) {
      Identify.write(stream.out(), described(self.get(), Optional.empty()));
    } catch (IOException e) {
      log.debug("cannot push to {}: {}", connection.remote(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Identified described(Self now, Optional<Multiaddr> observed) {
    return new Identified(
        Optional.of(identity.publicKey()),
        now.listening(),
        now.protocols(),
        observed,
        now.version(),
        now.agent(),
        Optional.of(record(now.listening())));
  }

  /// Signed again only when the addresses differ; the clock keeps the sequence growing over
  /// restarts.
  private synchronized SignedPeerRecord record(List<Multiaddr> addresses) {
    SignedPeerRecord last = record;
    if (last == null || !last.record().addresses().equals(addresses)) {
      long seq = System.currentTimeMillis();
      if (last != null) {
        seq = Math.max(seq, last.record().seq() + 1);
      }
      last = SignedPeerRecord.sign(identity, seq, addresses);
      record = last;
    }
    return last;
  }

  private void learn(Connection connection, Identified said) throws ProtocolException {
    PeerId remote = connection.remote();
    boolean itself =
        said.key().map(PeerId::of).orElse(remote).equals(remote)
            && said.record().map(SignedPeerRecord::peer).orElse(remote).equals(remote);
    if (!itself) {
      throw new ProtocolException("peer " + remote + " says that it is another");
    }
    if (said.record().isPresent()) {
      peers.learn(said.record().get(), PeerStore.SAID);
    } else {
      peers.learnAddresses(remote, said.listen(), PeerStore.SAID);
    }
    peers.learnSelfDescription(remote, said.key(), said.protocols(), said.agentVersion());
    watchers.forEach(watcher -> watcher.identified(remote, said));
  }
}
