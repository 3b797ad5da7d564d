package io.atoll.daemon.gate;

import io.atoll.core.error.AtollException;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.hub.machine.OwnPart;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.vpn.network.NodeKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A hub that is no provider as a node of those of its networks in which it has a gate: nobody
/// sends it what providers are sent, so it looks itself.
///
/// Where it is, the other nodes are not told: it speaks first, and they answer there.
public final class HubNode implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HubNode.class);

  /// Members come and go; a change of addresses is not told by any event of the store.
  private static final Duration LOOK = Duration.ofMillis(250);

  private final Hub hub;
  private final NetworkDesk desk;
  private final PeerId self;
  private final Set<NetworkId> followed = ConcurrentHashMap.newKeySet();
  private final BlockingQueue<NodeKey> keys = new LinkedBlockingQueue<>();
  private final Thread thread;

  // Of the thread.
  private final Map<NetworkId, OwnPart> told = new HashMap<>();

  public HubNode(Hub hub, NetworkDesk desk, PeerId self) {
    this.hub = hub;
    this.desk = desk;
    this.self = self;
    this.thread = Thread.ofVirtual().name("hub's node").unstarted(this::run);
  }

  public HubNode start() {
    desk.listen(
        new NetworkDesk.Listener() {
          @Override
          public void key(NodeKey key) {
            keys.add(key);
          }

          @Override
          public void addresses(List<String> now) {
            // It speaks first.
          }
        });
    thread.start();
    return this;
  }

  /// From now on this node takes part in a network as long as it has a member there.
  public void follow(NetworkId network) {
    followed.add(network);
  }

  private void run() {
    try {
      while (true) {
        followed.forEach(this::look);
        for (NodeKey key = keys.poll(); key != null; key = keys.poll()) {
          tell(key);
        }
        Thread.sleep(LOOK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(NetworkId network) {
    Optional<OwnPart> now = hub.ownPart(network.text());
    if (now.isEmpty() || !now.get().membership().nodes().contains(self)) {
      if (told.remove(network) != null) {
        desk.leave(network);
      }
      if (now.isEmpty()) {
        followed.remove(network);
      }
    } else if (!now.get().equals(told.put(network, now.get()))) {
      desk.put(now.get().membership(), now.get().mtu(), now.get().reach());
    }
  }

  private void tell(NodeKey key) throws InterruptedException {
    try {
      hub.ownKey(key);
    } catch (AtollException e) {
      log.warn("the key of this hub for network {} is not known yet: {}", key.network(), e.text());
      told.remove(key.network());
      keys.add(key);
      Thread.sleep(LOOK);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
