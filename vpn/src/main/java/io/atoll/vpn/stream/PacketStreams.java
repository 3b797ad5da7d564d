package io.atoll.vpn.stream;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.udp.PacketKind;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The streams of packets of one host. A stream to a node is opened when something is first sent
/// there; until it is open, packets are dropped.
public final class PacketStreams implements AutoCloseable {
  public static final String PROTOCOL = "/atoll/packets/1";

  private static final Logger LOG = LoggerFactory.getLogger(PacketStreams.class);

  /// Both ends may open one at the same time; more is a fault of the other side.
  private static final int MOST_FROM_ONE = 2;

  private static final long OPEN_AGAIN = TimeUnit.SECONDS.toNanos(2);

  private final Host host;
  private final Predicate<PeerId> accepted;
  private final Map<PacketKind, Function<PacketStream, PacketReceiver>> receivers =
      new ConcurrentHashMap<>();
  private final Map<PeerId, PacketStream> latest = new ConcurrentHashMap<>();
  private final Map<PeerId, Long> tried = new ConcurrentHashMap<>();
  private final List<PacketStream> open = new CopyOnWriteArrayList<>();
  private final Set<Thread> opening = ConcurrentHashMap.newKeySet();
  private final LongAdder dropped = new LongAdder();
  private volatile boolean closed;

  private PacketStreams(Host host, Predicate<PeerId> accepted) {
    this.host = host;
    this.accepted = accepted;
  }

  /// @param accepted from whom streams are taken; anybody else's are reset
  public static PacketStreams start(Host host, Predicate<PeerId> accepted) {
    PacketStreams streams = new PacketStreams(host, accepted);
    host.handle(PROTOCOL, streams::serve);
    return streams;
  }

  /// From now on packets of this kind go there.
  ///
  /// @param receivers makes one for each stream
  public void handle(PacketKind kind, Function<PacketStream, PacketReceiver> receivers) {
    this.receivers.put(kind, receivers);
  }

  /// The stream to a node; null while there is none, and then one is opened if it can be.
  public @Nullable PacketStream to(PeerId node) {
    PacketStream there = latest.get(node);
    if (there == null) {
      open(node);
    }
    return there;
  }

  /// Packets that waited for too long, or came for nobody.
  public long dropped() {
    return dropped.sum();
  }

  private void open(PeerId node) {
    long now = System.nanoTime();
    Long before = tried.get(node);
    if (closed
        || !host.connected(node)
        || (before != null && now - before < OPEN_AGAIN)
        || !(before == null
            ? tried.putIfAbsent(node, now) == null
            : tried.replace(node, before, now))) {
      return;
    }
    Thread thread =
        Thread.ofVirtual()
            .name("packets to " + node)
            .unstarted(
                () -> {
                  try (Stream stream = host.open(node, PROTOCOL)) {
                    run(stream);
                  } catch (IOException e) {
                    LOG.debug("packets to {}: {}", node, e.getMessage());
                  } catch (InterruptedException over) {
                    Thread.currentThread().interrupt();
                  } finally {
                    opening.remove(Thread.currentThread());
                  }
                });
    opening.add(thread);
    thread.start();
  }

  private void serve(Stream stream) throws IOException {
    PeerId remote = stream.remote();
    long there = open.stream().filter(other -> other.remote().equals(remote)).count();
    if (closed || there >= MOST_FROM_ONE || !accepted.test(remote)) {
      stream.reset();
      return;
    }
    run(stream);
  }

  private void run(Stream stream) throws IOException {
    PacketStream packets = new PacketStream(stream, dropped);
    open.add(packets);
    latest.put(packets.remote(), packets);
    Thread writer =
        Thread.ofVirtual()
            .name("packets out")
            .start(
                () -> {
                  try {
                    packets.writeAll();
                  } catch (IOException e) {
                    LOG.debug("packets to {}: {}", packets.remote(), e.getMessage());
                  } catch (InterruptedException over) {
                    Thread.currentThread().interrupt();
                  }
                });
    try {
      if (!closed) {
        InputStream in = new BufferedInputStream(stream.in(), 1 << 16);
        PacketStream.read(in, new Sorter(packets));
      }
    } finally {
      latest.remove(packets.remote(), packets);
      open.remove(packets);
      packets.close();
      writer.interrupt();
    }
  }

  /// Hands each packet to whom it is for.
  private final class Sorter implements PacketReceiver {
    private final PacketStream from;
    private final Map<PacketKind, PacketReceiver> made = new EnumMap<>(PacketKind.class);

    Sorter(PacketStream from) {
      this.from = from;
    }

    @Override
    public void received(MemorySegment memory, ByteBuffer packet) {
      PacketKind kind = PacketKind.read(packet);
      Function<PacketStream, PacketReceiver> maker = kind == null ? null : receivers.get(kind);
      if (kind == null || maker == null) {
        dropped.increment();
        return;
      }
      made.computeIfAbsent(kind, _ -> maker.apply(from)).received(memory, packet);
    }

    @Override
    public void batchEnded() {
      made.values().forEach(PacketReceiver::batchEnded);
    }
  }

  @Override
  public void close() {
    closed = true;
    host.unhandle(PROTOCOL);
    opening.forEach(Thread::interrupt);
    open.forEach(PacketStream::close);
  }
}
