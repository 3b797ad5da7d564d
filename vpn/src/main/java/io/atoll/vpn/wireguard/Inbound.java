package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.Aead;
import io.atoll.vpn.wireguard.crypto.Memory;
import io.atoll.vpn.wireguard.machine.PeerEvent;
import io.atoll.vpn.wireguard.noise.Message;
import org.jspecify.annotations.Nullable;

/// Opens what comes in, on the thread that reads the socket: `open` for each datagram of a batch,
/// `settle` when the batch is over. For one thread; there may be several.
public final class Inbound {
  private static final int SHORTEST = Keypair.HEADER + Aead.TAG;

  private final Engine engine;
  private @Nullable Peer peer;
  private @Nullable Path path;
  private long packet;
  private int length;

  // What was heard of `peer` since it was last told.
  private boolean heard;
  private boolean data;
  private long bytes;

  Inbound(Engine engine) {
    this.engine = engine;
  }

  /// Opens a datagram in place. For `DATA` the next three say where the inner packet is.
  public Outcome open(long datagram, int size, Path from, long now) {
    Outcome outcome = opened(datagram, size, from, now);
    engine.count(outcome);
    return outcome;
  }

  /// From whom the last packet came.
  public Peer peer() {
    if (peer == null) {
      throw new IllegalStateException("nothing was opened");
    }
    return peer;
  }

  public long packet() {
    return packet;
  }

  public int length() {
    return length;
  }

  /// Tells peers that they were heard. Without it they are taken for silent.
  public void settle(long now) {
    if (heard && peer != null) {
      heard = false;
      peer.received(bytes);
      peer.event(now, data ? PeerEvent.DATA_RECEIVED : PeerEvent.KEEPALIVE_RECEIVED);
    }
    data = false;
    bytes = 0;
  }

  private Outcome opened(long datagram, int size, Path from, long now) {
    if (size < SHORTEST) {
      return Outcome.MALFORMED;
    }
    int type = Memory.intLe(datagram);
    if (type != Keypair.DATA) {
      return handshake(type, datagram, size, from);
    }
    Keypair key =
        engine.indices().find(Memory.intLe(datagram + 4)) instanceof Keypair found ? found : null;
    if (key == null) {
      return Outcome.UNKNOWN_SESSION;
    }
    if (!key.fresh(now)) {
      return Outcome.EXPIRED;
    }
    Outcome outcome = key.open(datagram, size);
    if (outcome != Outcome.DATA) {
      return outcome;
    }
    Peer sender = key.peer();
    if (heard && (sender != peer || !from.equals(path))) {
      settle(now);
    }
    if (!heard) {
      peer = sender;
      path = from;
      heard = true;
      // At once: what is answered to this packet goes where it came from.
      engine.paths().heard(sender, from);
    }
    bytes += size;
    sender.opened(now, key);
    packet = datagram + Keypair.HEADER;
    length = size - SHORTEST;
    if (length == 0) {
      return Outcome.KEEPALIVE;
    }
    data = true;
    return inner(sender);
  }

  private Outcome handshake(int type, long datagram, int size, Path from) {
    boolean fits =
        switch (type) {
          case 1 -> size == Message.INITIATION;
          case 2 -> size == Message.RESPONSE;
          case 3 -> size == Message.COOKIE_REPLY;
          default -> false;
        };
    if (!fits) {
      return Outcome.MALFORMED;
    }
    byte[] copy = new byte[size];
    Memory.copy(datagram, copy, size);
    return engine.offer(copy, from) ? Outcome.HANDSHAKE : Outcome.QUEUE_FULL;
  }

  /// Whether the inner packet is one, without its padding, and from an address of its sender.
  private Outcome inner(Peer sender) {
    int version = Memory.byteAt(packet) >>> 4;
    Peer owner;
    int real;
    if (version == 4 && length >= 20) {
      real = Memory.shortBe(packet + 2);
      if (real < 20) {
        return Outcome.MALFORMED;
      }
      owner = sender.identity().owners().ownerOf4(Memory.intBe(packet + 12));
    } else if (version == 6 && length >= 40) {
      real = 40 + Memory.shortBe(packet + 4);
      owner =
          sender
              .identity()
              .owners()
              .ownerOf6(Memory.longBe(packet + 8), Memory.longBe(packet + 16));
    } else {
      return Outcome.MALFORMED;
    }
    if (real > length) {
      return Outcome.MALFORMED;
    }
    length = real;
    return owner == sender ? Outcome.DATA : Outcome.FOREIGN_SOURCE;
  }
}
