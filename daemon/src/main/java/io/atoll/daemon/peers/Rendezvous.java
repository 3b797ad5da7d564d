package io.atoll.daemon.peers;

import com.google.protobuf.ByteString;
import io.atoll.core.error.AtollException;
import io.atoll.p2p.kad.Kad;
import io.atoll.p2p.kad.machine.Contact;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds peers of the same rendezvous name: says in the DHT that this node is there, and now and
/// then looks who else is, where more may be met. Without anybody in the DHT it waits.
///
/// The name's place in the DHT is the multihash of `/atoll/rendezvous/NAME`.
final class Rendezvous implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rendezvous.class);
  private static final int FOUND = 40;
  private static final byte[] SHA2_256 = {0x12, 0x20};

  private final Kad kad;
  private final ByteString place;
  private final Meetings meetings;
  private final Pace pace;
  private final Thread thread;

  private Rendezvous(Kad kad, String name, Meetings meetings, Pace pace) {
    this.kad = kad;
    this.place = place(name);
    this.meetings = meetings;
    this.pace = pace;
    this.thread = Thread.ofVirtual().name("rendezvous").unstarted(this::meet);
  }

  static Rendezvous start(Kad kad, String name, Meetings meetings, Pace pace) {
    Rendezvous rendezvous = new Rendezvous(kad, name, meetings, pace);
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
    if (!meetings.room()) {
      return;
    }
    List<Contact> found = new ArrayList<>(kad.providers(place, FOUND));
    Collections.shuffle(found);
    meetings.meet(
        found.stream()
            .map(contact -> new Meetings.Found(contact.id(), contact.addresses()))
            .toList());
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
