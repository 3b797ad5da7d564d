package io.atoll.daemon.peers;

import com.google.protobuf.ByteString;
import io.atoll.core.error.AtollException;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.kad.Kad;
import io.atoll.p2p.kad.machine.Contact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Meets peers of the same rendezvous name: says in the DHT that this node is there, and now and
/// then dials some of the others, up to a bound. Without anybody in the DHT it waits.
///
/// The name's place in the DHT is the multihash of `/atoll/rendezvous/NAME`.
final class Rendezvous implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rendezvous.class);
  private static final Duration DIAL = Duration.ofSeconds(8);
  private static final int FOUND = 40;
  private static final int DIALLED = 16;
  private static final String TAG = "rendezvous";
  private static final byte[] SHA2_256 = {0x12, 0x20};

  private final NetworkHost host;
  private final Kad kad;
  private final ByteString place;
  private final int most;
  private final Pace pace;
  private final Thread thread;

  private Rendezvous(NetworkHost host, Kad kad, String name, int most, Pace pace) {
    this.host = host;
    this.kad = kad;
    this.place = place(name);
    this.most = most;
    this.pace = pace;
    this.thread = Thread.ofVirtual().name("rendezvous").unstarted(this::meet);
  }

  /// @param most connections beyond which nobody is looked for
  static Rendezvous start(NetworkHost host, Kad kad, String name, int most, Pace pace) {
    Rendezvous rendezvous = new Rendezvous(host, kad, name, most, pace);
    rendezvous.thread.start();
    return rendezvous;
  }

  static ByteString place(String name) {
    try {
      byte[] text = ("/atoll/rendezvous/" + name).getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text);
      return ByteString.copyFrom(SHA2_256).concat(ByteString.copyFrom(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private void meet() {
    try {
      while (true) {
        Thread.sleep(pace.firstLook());
        if (kad.table().isEmpty()) {
          continue;
        }
        try {
          kad.provide(place);
          look();
        } catch (AtollException e) {
          LOG.debug("rendezvous: {}", e.text());
        }
        Thread.sleep(pace.nextLook());
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    } catch (AtollException closing) {
      LOG.debug("rendezvous: {}", closing.text());
    }
  }

  private void look() throws InterruptedException {
    if (room() <= 0) {
      return;
    }
    List<Contact> found = new ArrayList<>(kad.providers(place, FOUND));
    Collections.shuffle(found);
    int dials = 0;
    for (Contact contact : found) {
      PeerId peer = contact.id();
      if (peer.equals(host.id()) || host.connected(peer)) {
        continue;
      }
      if (room() <= 0 || dials++ >= DIALLED) {
        return;
      }
      try {
        host.connect(
            peer,
            contact.addresses().stream()
                .map(address -> address.withPeer(peer.text()).toString())
                .toList(),
            DIAL);
        host.swarm().tags().value(peer, TAG, 1);
      } catch (IOException e) {
        LOG.debug("rendezvous: {}", e.getMessage());
      }
    }
  }

  private long room() {
    return most - host.swarm().connections().stream().map(each -> each.remote()).distinct().count();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
