package io.atoll.p2p.mdns;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.mdns.MdnsPacket.Answer;
import io.atoll.p2p.mdns.MdnsPacket.Query;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks its network for peers until it is closed, and answers those that ask. One thread listens,
/// another one speaks.
public final class Mdns implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Mdns.class);
  private static final int TTL_SECONDS = 120;
  private static final int NAME_CHARACTERS = 32;
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int PACKETS_PER_SECOND = 200;
  private static final int FOUND_PER_MINUTE = 256;
  private static final int FOUND_PER_MINUTE_FROM_ONE = 32;
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long MILLI = Duration.ofMillis(1).toNanos();
  private static final long PAUSE_MILLIS = 200;

  /// An own question may be heard only after the next one is asked: a busy machine, or one that
  /// slept. Beyond these, some were lost.
  private static final int ECHOES_LATE = 4;

  private final PeerId self;
  private final Supplier<List<String>> listening;
  private final MdnsSettings settings;
  private final Consumer<FoundPeer> found;
  private final MdnsSocket socket;
  private final String name;
  private final Map<MdnsEvent, LongAdder> counts = new ConcurrentHashMap<>();

  /// How many of this node's own questions it will hear itself. Who else asks on this machine asks
  /// with the same bytes, so it does not matter which of them are left out.
  private final AtomicInteger echoes = new AtomicInteger();

  private volatile boolean closed;

  // Under the lock of this object.
  private final Schedule schedule;

  // Used by the listening thread alone.
  private final Reports reports;
  private long secondBegan = System.nanoTime();
  private int inSecond;

  private Mdns(
      PeerId self,
      Supplier<List<String>> listening,
      MdnsSettings settings,
      Consumer<FoundPeer> found,
      MdnsSocket socket) {
    this.self = self;
    this.listening = listening;
    this.settings = settings;
    this.found = found;
    this.socket = socket;
    Random random = new SecureRandom();
    this.name = name(random);
    long now = System.nanoTime();
    this.schedule =
        new Schedule(settings.first(), settings.longest(), settings.announces(), now, random);
    this.reports = new Reports(FOUND_PER_MINUTE, FOUND_PER_MINUTE_FROM_ONE, now);
  }

  /// @param listening this node's addresses as they are when they are told
  /// @param found told on the listening thread, which it does not hold up, of each peer when it is
  ///     new or changed, and again about once in a minute while it is there
  /// @throws IOException if the port cannot be shared, or there is no network of IPv4
  public static Mdns start(
      PeerId self,
      Supplier<List<String>> listening,
      MdnsSettings settings,
      Consumer<FoundPeer> found)
      throws IOException {
    Mdns mdns = new Mdns(self, listening, settings, found, MdnsSocket.open(settings));
    Thread.ofVirtual().name("mdns-listen").start(mdns::listen);
    Thread.ofVirtual().name("mdns-speak").start(mdns::speak);
    return mdns;
  }

  /// The addresses of this node are other ones now: says so soon.
  public synchronized void changed() {
    if (settings.announces()) {
      schedule.asked(System.nanoTime());
      notifyAll();
    }
  }

  public Map<MdnsEvent, Long> counts() {
    Map<MdnsEvent, Long> now = new EnumMap<>(MdnsEvent.class);
    for (MdnsEvent event : MdnsEvent.values()) {
      LongAdder count = counts.get(event);
      now.put(event, count == null ? 0 : count.sum());
    }
    return now;
  }

  /// Neither asks nor answers any more; nothing is reported after this returned but what is being
  /// reported now.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    socket.close();
  }

  private void speak() {
    try {
      while (true) {
        boolean ask;
        boolean answer;
        synchronized (this) {
          while (!closed && schedule.idleNanos(System.nanoTime()) > 0) {
            long idle = schedule.idleNanos(System.nanoTime());
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(MILLI, idle));
          }
          if (closed) {
            return;
          }
          ask = schedule.ask(System.nanoTime());
          answer = schedule.answer(System.nanoTime());
        }
        speak(ask, answer);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void speak(boolean ask, boolean answer) {
    try {
      if (ask) {
        socket.look();
      }
      if (ask) {
        int hearing = socket.links().size();
        echoes.updateAndGet(left -> Math.min(left + hearing, ECHOES_LATE * hearing));
      }
      for (Link link : socket.links()) {
        if (answer) {
          answer(link);
        }
        if (ask) {
          sent(socket.send(MdnsPacket.query(settings.tag()), link), MdnsEvent.QUERY_SENT);
        }
      }
    } catch (IOException | RuntimeException e) {
      log.warn("mDNS of {} cannot speak, it tries again later: {}", self, e.toString());
    }
  }

  private void answer(Link link) {
    List<String> texts = Texts.of(self, listening.get(), link.loopback());
    if (!texts.isEmpty()) {
      Inet4Address own = link.subnets().getFirst().own();
      byte[] packet = MdnsPacket.answer(settings.tag(), name, texts, TTL_SECONDS, own.getAddress());
      sent(socket.send(packet, link), MdnsEvent.ANSWER_SENT);
    }
  }

  private void listen() {
    ByteBuffer buffer = ByteBuffer.allocate(MdnsPacket.MAX_BYTES);
    while (!closed) {
      try {
        InetSocketAddress from = socket.receive(buffer);
        received(buffer.flip(), from);
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | RuntimeException e) {
        log.debug("mDNS of {} cannot listen: {}", self, e.toString());
        pause();
      }
    }
  }

  private void received(ByteBuffer packet, InetSocketAddress from) {
    long now = System.nanoTime();
    if (now - secondBegan >= SECOND) {
      secondBegan = now;
      inSecond = 0;
    }
    if (++inSecond > PACKETS_PER_SECOND) {
      count(MdnsEvent.TOO_MANY_PACKETS);
      return;
    }
    // Who may be anywhere is not on this network (RFC 6762 §11), and who does not use the port
    // neither asks nor answers as a peer does (§6).
    InetAddress source = from.getAddress();
    if (from.getPort() != settings.port()
        || socket.links().stream().noneMatch(link -> link.contains(source))) {
      count(MdnsEvent.FOREIGN_SOURCE);
      return;
    }
    byte[] bytes = new byte[packet.remaining()];
    packet.get(bytes);
    try {
      switch (MdnsPacket.decode(bytes)) {
        case Query query -> asked(query, source);
        case Answer answer -> answered(answer, source, now);
      }
    } catch (ProtocolException e) {
      count(MdnsEvent.MALFORMED);
    }
  }

  private void asked(Query query, InetAddress from) {
    boolean own =
        socket.links().stream().anyMatch(link -> link.has(from))
            && echoes.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    if (!own && query.names().contains(settings.tag().name())) {
      count(MdnsEvent.ASKED);
      changed();
    }
  }

  private void answered(Answer answer, InetAddress from, long now) {
    boolean here = socket.links().stream().anyMatch(link -> link.loopback() || link.has(from));
    for (FoundPeer peer : Texts.read(answer, settings.tag(), here)) {
      if (peer.peer().equals(self)) {
        continue;
      }
      switch (reports.judge(peer, from, now)) {
        case KNOWN -> {}
        case TOO_MANY -> count(MdnsEvent.TOO_MANY_FOUND);
        case TELL -> {
          count(MdnsEvent.FOUND);
          found.accept(peer);
        }
      }
    }
  }

  private void sent(boolean taken, MdnsEvent event) {
    count(taken ? event : MdnsEvent.SEND_FAILED);
  }

  private void count(MdnsEvent event) {
    counts.computeIfAbsent(event, _ -> new LongAdder()).increment();
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  private static String name(Random random) {
    var text = new StringBuilder();
    for (int i = 0; i < NAME_CHARACTERS; i++) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }
}
