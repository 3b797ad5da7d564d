package io.atoll.daemon.gate;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Addresses that are shared by sockets of which each speaks with one other address: all packets of
/// one address come out of one port, and go to the socket whose other end sent them.
final class PairedPorts {
  private static final int MOST_WAITING = 1024;
  private static final byte[] END = new byte[0];

  /// @param owner whose address it is, since two networks may have the same
  private record Own(String network, String owner, IpAddress address) {}

  private final Map<Own, Shared> open = new HashMap<>(); // under the lock of this object
  private final LongAdder dropped = new LongAdder();

  /// A port for packets between two addresses; the newest of a pair takes the place of the one
  /// before. The last of an address to be closed gives the address back.
  ///
  /// @param whole opens the port of the first address
  synchronized PacketPort open(
      String network, String owner, IpAddress from, IpAddress to, Supplier<PacketPort> whole) {
    Own own = new Own(network, owner, from);
    Shared shared = open.get(own);
    if (shared == null || shared.gone) {
      shared = new Shared(own, whole.get());
      open.put(own, shared);
      Shared begun = shared;
      Thread.ofPlatform().daemon().name("gate pairs").start(begun::run);
    }
    Pair pair = new Pair(shared, to);
    Pair before = shared.pairs.put(to, pair);
    if (before != null) {
      before.end();
    }
    return pair;
  }

  /// Packets that were of no pair, or came faster than they were read.
  long dropped() {
    return dropped.sum();
  }

  private synchronized void close(Pair pair) {
    Shared shared = pair.shared;
    shared.pairs.remove(pair.to, pair);
    if (shared.pairs.isEmpty() && !shared.gone) {
      shared.gone = true;
      open.remove(shared.own, shared);
      shared.port.close();
    }
  }

  private synchronized @Nullable Pair pair(Shared shared, IpAddress from) {
    return shared.pairs.get(from);
  }

  /// Another took the address, or the network is gone.
  private synchronized void lost(Shared shared) {
    shared.gone = true;
    open.remove(shared.own, shared);
    shared.pairs.values().forEach(Pair::end);
    shared.port.close();
  }

  private final class Shared {
    final Own own;
    final PacketPort port;
    final Map<IpAddress, Pair> pairs = new HashMap<>(); // under the lock of all
    boolean gone; // likewise

    Shared(Own own, PacketPort port) {
      this.own = own;
      this.port = port;
    }

    void run() {
      PacketBatch batch = PacketBatch.usual();
      try {
        while (true) {
          int count = port.receive(batch);
          for (int i = 0; i < count; i++) {
            Ends ends = Ends.of(batch, i);
            Pair pair = ends == null ? null : pair(this, ends.from);
            // As on any wire: whoever does not read loses packets.
            if (pair == null || !pair.waiting.offer(bytes(batch, i))) {
              dropped.increment();
            }
          }
        }
      } catch (IOException closed) {
        lost(this);
      }
    }
  }

  private static byte[] bytes(PacketBatch batch, int entry) {
    byte[] bytes = new byte[batch.length(entry)];
    MemorySegment.copy(batch.memory(), JAVA_BYTE, batch.offset(entry), bytes, 0, bytes.length);
    return bytes;
  }

  /// The addresses of a packet (RFC 791 §3.1, RFC 8200 §3).
  private record Ends(IpAddress from, IpAddress to) {
    static @Nullable Ends of(PacketBatch batch, int entry) {
      int at = batch.offset(entry);
      int length = batch.length(entry);
      int version = length == 0 ? 0 : (batch.memory().get(JAVA_BYTE, at) & 0xf0) >> 4;
      if (version == 4 && length >= 20) {
        return new Ends(address(batch, at + 12, 4), address(batch, at + 16, 4));
      }
      if (version == 6 && length >= 40) {
        return new Ends(address(batch, at + 8, 16), address(batch, at + 24, 16));
      }
      return null;
    }

    private static IpAddress address(PacketBatch batch, int at, int length) {
      byte[] bytes = new byte[length];
      MemorySegment.copy(batch.memory(), JAVA_BYTE, at, bytes, 0, length);
      return IpAddress.of(bytes);
    }
  }

  private final class Pair implements PacketPort {
    final Shared shared;
    final IpAddress to;
    final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private volatile boolean ended;

    Pair(Shared shared, IpAddress to) {
      this.shared = shared;
      this.to = to;
    }

    @Override
    public Link link() {
      return Link.IP;
    }

    @Override
    public int mtu() {
      return shared.port.mtu();
    }

    @Override
    public int receive(PacketBatch into) throws IOException {
      into.clear();
      byte[] packet = next();
      while (packet != null && packet.length > 0) {
        int at = into.place(packet.length);
        MemorySegment.copy(packet, 0, into.memory(), JAVA_BYTE, at, packet.length);
        into.add(at, packet.length);
        packet = into.isFull() ? null : waiting.poll();
      }
      return into.count();
    }

    private byte[] next() throws IOException {
      try {
        while (!ended) {
          byte[] packet = waiting.poll(1, TimeUnit.SECONDS);
          if (packet != null && packet.length > 0) {
            return packet;
          }
        }
        throw new ClosedChannelException();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ClosedByInterruptException();
      }
    }

    @Override
    public int send(PacketBatch from) throws IOException {
      if (ended) {
        throw new ClosedChannelException();
      }
      List<byte[]> right = new ArrayList<>();
      for (int i = 0; i < from.count(); i++) {
        Ends ends = Ends.of(from, i);
        if (ends != null && ends.from.equals(shared.own.address()) && ends.to.equals(to)) {
          right.add(bytes(from, i));
        }
      }
      dropped.add(from.count() - right.size());
      PacketBatch batch = new PacketBatch(1, 1);
      for (byte[] packet : right) {
        batch.clear();
        int at = batch.place(packet.length);
        MemorySegment.copy(packet, 0, batch.memory(), JAVA_BYTE, at, packet.length);
        batch.add(at, packet.length);
        shared.port.send(batch);
      }
      return right.size();
    }

    /// The reader is told without waiting for room.
    void end() {
      ended = true;
      boolean told = waiting.offer(END);
      if (!told) {
        waiting.clear();
      }
    }

    @Override
    public void close() {
      end();
      PairedPorts.this.close(this);
    }
  }
}
