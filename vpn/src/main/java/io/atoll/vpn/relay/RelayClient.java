package io.atoll.vpn.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.stream.PacketStreams;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node at one relay: keeps a line of messages to it, and the seats.
final class RelayClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RelayClient.class);
  private static final Duration CONNECTING = Duration.ofSeconds(10);
  private static final long TICK_MILLIS = 200;
  private static final long[] AGAIN_MILLIS = {500, 1000, 2000, 5000, 15_000, 30_000};

  private static final int GIVEN_UP_AFTER = 5;

  private final PeerId relay;
  private final List<String> where;
  private final Runnable givenUp;
  private final Host host;
  private final UdpSocket socket;
  private final PacketStreams streams;
  private final NumberTable<ClientSeat> table;
  private final RelayClients.Listener listener;
  private final Function<PeerId, @Nullable InetSocketAddress> whereConnected;
  private final Map<PeerId, ClientSeat> seats = new ConcurrentHashMap<>();
  private final Set<PeerId> usable = ConcurrentHashMap.newKeySet();
  private final Thread talker;
  private final Thread ticker;
  private volatile @Nullable MessageLine line;
  private volatile boolean closed;

  /// @param where it is dialled
  /// @param givenUp called when it could not be reached a few times
  RelayClient(
      PeerId relay,
      List<String> where,
      Runnable givenUp,
      Host host,
      UdpSocket socket,
      PacketStreams streams,
      NumberTable<ClientSeat> table,
      RelayClients.Listener listener,
      Function<PeerId, @Nullable InetSocketAddress> whereConnected) {
    this.relay = relay;
    this.where = List.copyOf(where);
    this.givenUp = givenUp;
    this.host = host;
    this.socket = socket;
    this.streams = streams;
    this.table = table;
    this.listener = listener;
    this.whereConnected = whereConnected;
    this.talker = Thread.ofVirtual().name("relay " + relay).unstarted(this::talk);
    this.ticker = Thread.ofVirtual().name("relay seats " + relay).unstarted(this::tick);
  }

  void start() {
    talker.start();
    ticker.start();
  }

  /// Asks for a seat beside a node, unless it has one.
  void meet(PeerId node) {
    ClientSeat seat =
        seats.computeIfAbsent(
            node, _ -> table.add(number -> new ClientSeat(relay, node, number, socket, streams)));
    LockSupport.unpark(ticker);
    MessageLine now = line;
    if (seat != null && now != null) {
      now.send(new RelayMessage.Meet(node, seat.number()));
    }
  }

  boolean meets(PeerId node) {
    return seats.containsKey(node);
  }

  void leave(PeerId node) {
    ClientSeat seat = seats.remove(node);
    if (seat != null) {
      table.remove(seat);
      MessageLine now = line;
      if (now != null) {
        now.send(new RelayMessage.Leave(node));
      }
    }
    if (usable.remove(node)) {
      listener.changed(node);
    }
  }

  void tell(PeerId node, byte[] news) {
    MessageLine now = line;
    if (now != null) {
      now.send(new RelayMessage.Tell(node, news));
    }
  }

  @Nullable ClientSeat seat(PeerId node) {
    return seats.get(node);
  }

  boolean leadsTo(PeerId node) {
    return usable.contains(node);
  }

  boolean talks() {
    return line != null;
  }

  private void talk() {
    for (int failed = 0; !closed; failed++) {
      try {
        host.connect(relay, where, CONNECTING);
        try (Stream stream = host.open(relay, PacketRelay.PROTOCOL)) {
          MessageLine now = new MessageLine(stream);
          line = now;
          failed = 0;
          listener.talks(relay);
          seats.values().forEach(seat -> now.send(meeting(seat)));
          now.run(this::heard);
        }
      } catch (IOException e) {
        LOG.debug("the relay {}: {}", relay, e.getMessage());
      } catch (InterruptedException over) {
        return;
      } finally {
        line = null;
      }
      if (failed >= GIVEN_UP_AFTER) {
        givenUp.run();
      }
      try {
        Thread.sleep(AGAIN_MILLIS[Math.min(failed, AGAIN_MILLIS.length - 1)]);
      } catch (InterruptedException over) {
        return;
      }
    }
  }

  private static RelayMessage meeting(ClientSeat seat) {
    return new RelayMessage.Meet(seat.node(), seat.number());
  }

  private void heard(RelayMessage message) {
    switch (message) {
      case RelayMessage.Given given -> {
        ClientSeat seat = seats.get(given.node());
        if (seat != null) {
          seat.given(given.number(), given.key(), addresses(given));
        }
      }
      case RelayMessage.Met(PeerId node) -> {
        ClientSeat seat = seats.get(node);
        if (seat != null) {
          seat.met();
        }
      }
      case RelayMessage.Asked(PeerId node) -> listener.asked(relay, node);
      case RelayMessage.Told(PeerId node, byte[] news) -> listener.told(relay, node, news);
      case RelayMessage.Refused(PeerId node, String why) ->
          LOG.debug("the relay {} does not lead to {}: {}", relay, node, why);
      case RelayMessage.Meet _, RelayMessage.Leave _, RelayMessage.Tell _ -> {}
    }
  }

  /// Those that it names, and where its connection leads.
  private List<InetSocketAddress> addresses(RelayMessage.Given given) {
    Set<InetSocketAddress> all = new LinkedHashSet<>();
    InetSocketAddress connected = whereConnected.apply(relay);
    if (connected != null && given.port() != 0) {
      all.add(new InetSocketAddress(connected.getAddress(), given.port()));
    }
    for (String text : given.addresses()) {
      InetSocketAddress address = RelayAddress.parse(text);
      if (address != null) {
        all.add(address);
      }
    }
    return new ArrayList<>(all);
  }

  private void tick() {
    try {
      while (!closed) {
        if (seats.isEmpty()) {
          LockSupport.park(this);
        }
        Thread.sleep(TICK_MILLIS);
        for (ClientSeat seat : seats.values()) {
          seat.tick(System.nanoTime());
          boolean now = seat.usable();
          if (now ? usable.add(seat.node()) : usable.remove(seat.node())) {
            listener.changed(seat.node());
          }
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    talker.interrupt();
    ticker.interrupt();
    MessageLine now = line;
    if (now != null) {
      now.close();
    }
    List.copyOf(seats.keySet()).forEach(this::leave);
  }
}
