package io.atoll.vpn.gateway;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.IpAddress;
import io.atoll.vpn.gateway.tcp.TcpEnd;
import io.atoll.vpn.gateway.tcp.TcpMachine;
import io.atoll.vpn.gateway.tcp.TcpSegment;
import io.atoll.vpn.gateway.tcp.TcpSettings;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A member of one network that lives in this process: it opens connections and flows to others,
/// and takes connections where somebody listens. All methods may be called from any thread.
public final class Stack implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Stack.class);
  private static final int INBOX = 1 << 22;
  private static final int FIRST_PORT = 32_768;
  private static final int PORTS = 28_232;
  private static final int MOST_TRIES = 64;
  private static final int MOST_SERVED = 256;
  private static final int MOST_LINGERING = 4096;
  private static final int UDP_BYTES = 8;
  private static final int PING_BYTES = 32;
  private static final int MOST_SAID = 1024;

  private final StackSettings settings;
  private final SecureRandom random = new SecureRandom();
  private final Inbox inbox = new Inbox(INBOX);
  private final MemoryBudget budget;
  private final Pings pings = new Pings();
  private final Queue<Runnable> orders = new ConcurrentLinkedQueue<>();
  private final Queue<Held> touched = new ConcurrentLinkedQueue<>();
  private final Map<Integer, TcpListener> listeners = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger flowCount = new AtomicInteger();
  private final AtomicInteger orderCount = new AtomicInteger();
  private final Counting out;
  private final @Nullable Doorway doorway;
  private final Thread thread;

  // Of the thread.
  private final PacketWriter writer;
  private final Dispatch dispatch;
  private final Agenda agenda = new Agenda();
  private final Map<TcpLink, TcpListener> opening = new HashMap<>();
  private final Queue<TcpLink> lingering = new ArrayDeque<>();
  private final Set<Flow> approaches = new HashSet<>();
  private long now = System.nanoTime();

  private volatile boolean waiting;
  private volatile boolean closed;

  private final TcpLink.Keeper linkKeeper =
      new TcpLink.Keeper() {
        @Override
        public void touch(Held held) {
          Stack.this.touch(held);
        }

        @Override
        public void transmit(TcpLink link, TcpSegment segment, ByteRing bytes, long from, int mss) {
          writer.tcp(link.flow(), segment, bytes, from, mss);
        }

        @Override
        public void established(TcpLink link) {
          TcpListener listener = opening.remove(link);
          if (listener != null) {
            listener.established(link);
          }
        }

        @Override
        public void lingers(TcpLink link) {
          connections.decrementAndGet();
          lingering.add(link);
          if (lingering.size() > MOST_LINGERING) {
            TcpLink oldest = lingering.remove();
            dispatch.links().remove(oldest.flow(), oldest);
          }
        }

        @Override
        public void ended(TcpLink link) {
          TcpListener listener = opening.remove(link);
          if (listener != null) {
            listener.failed();
          }
          if (dispatch.links().remove(link.flow(), link) && !lingering.remove(link)) {
            connections.decrementAndGet();
          }
        }
      };

  private Stack(StackSettings settings, PacketOut out, @Nullable Doorway doorway) {
    this.settings = settings;
    this.doorway = doorway;
    this.budget = new MemoryBudget(settings.memory());
    this.out = Counting.of(out);
    IpAddress v4 = IpAddress.of(settings.v4());
    IpAddress v6 = IpAddress.of(settings.v6());
    this.writer = new PacketWriter(this.out, v4, v6);
    this.dispatch =
        new Dispatch(
            new Dispatch.Keeper() {
              @Override
              public Beginning begins(Flow flow, TcpSegment segment) {
                return Stack.this.begins(flow, segment);
              }

              @Override
              public boolean everywhere() {
                return doorway != null;
              }

              @Override
              public boolean asks(Flow flow, TcpSegment segment, byte[] head) {
                return Stack.this.asks(flow, segment, head);
              }

              @Override
              public @Nullable UdpFlow opens(Flow flow) {
                return Stack.this.opens(flow);
              }

              @Override
              public void echo(IpAddress from, IpAddress of, int rest, byte[] body) {
                if (doorway != null) {
                  doorway.echo(new Echo(Stack.this, from, of, rest, body));
                }
              }

              @Override
              public void touch(Held held) {
                Stack.this.touch(held);
              }
            },
            writer,
            pings,
            v4,
            v6);
    this.thread = Thread.ofPlatform().daemon().name("stack " + settings.v4()).unstarted(this::run);
  }

  /// A stack with a thread of its own, until it is closed.
  ///
  /// @param out where its packets go; called by that thread
  public static Stack start(StackSettings settings, PacketOut out) {
    return start(new Stack(settings, out, null));
  }

  /// As the other, and packets to any other address are its, too: a way out of a network.
  ///
  /// @param doorway who decides what becomes of those
  public static Stack start(StackSettings settings, PacketOut out, Doorway doorway) {
    return start(new Stack(settings, out, doorway));
  }

  private static Stack start(Stack stack) {
    stack.thread.start();
    return stack;
  }

  /// A packet of IP came; it is copied. Never waits.
  ///
  /// @param verified whether its sums were checked, or need not be
  /// @return whether there was room; if not, it is dropped and counted
  public boolean received(MemorySegment memory, long offset, int length, boolean verified) {
    return received(memory, offset, length, verified, 0);
  }

  /// As the other, for a thread that has nothing else to do: where packets wait in a queue of the
  /// system, less is lost.
  ///
  /// @param patience for how long to wait for room, in nanoseconds
  boolean received(MemorySegment memory, long offset, int length, boolean verified, long patience) {
    boolean taken = length > 0 && !closed && inbox.add(memory, offset, length, verified, patience);
    wake();
    return taken;
  }

  /// Opens a connection; an interrupt ends the waiting.
  ///
  /// @throws AtollException GATEWAY_REFUSED, GATEWAY_UNREACHABLE, TIMEOUT, NO_CAPACITY or
  ///     NOT_READY
  public TcpStream connect(InetAddress to, int port, Duration timeout) throws InterruptedException {
    String what = "connecting to " + to.getHostAddress() + " port " + port;
    TcpLink link = link(IpAddress.of(to), port, what);
    orders.add(() -> open(link));
    wake();
    if (closed) {
      link.over(TcpEnd.ABORTED); // Perhaps nobody does it any more.
    }
    TcpEnd end;
    try {
      end = link.awaitEstablished(timeout.toNanos());
    } catch (InterruptedException e) {
      link.release(true);
      throw e;
    }
    if (end == null) {
      return new TcpStream(link);
    }
    link.release(true);
    throw failed(end, what, timeout);
  }

  private static AtollException failed(TcpEnd end, String what, Duration timeout) {
    return switch (end) {
      case REFUSED, RESET, CLOSED ->
          new AtollException(
              ErrorCode.GATEWAY_REFUSED,
              what + ": nobody listens there",
              "start what should listen on that port, on all addresses and not on 127.0.0.1 alone");
      case UNREACHABLE ->
          new AtollException(
              ErrorCode.GATEWAY_UNREACHABLE,
              what + ": there is no way to that address",
              "look at the members of the network and at their addresses");
      case TIMED_OUT ->
          new AtollException(
              ErrorCode.TIMEOUT,
              what + ": no answer within " + timeout.toMillis() + " ms",
              "see whether the member runs, and whether its own firewall drops what comes");
      case ABORTED -> closedAlready(what);
    };
  }

  private static AtollException closedAlready(String what) {
    return new AtollException(
        ErrorCode.NOT_READY, what + ": this node has left the network", "join the network again");
  }

  private int localPort() {
    return FIRST_PORT + random.nextInt(PORTS);
  }

  /// A link at a port of ours that is free for that target.
  private TcpLink link(IpAddress to, int port, String what) {
    if (closed) {
      throw closedAlready(what);
    }
    if (reserve(ring(to))) {
      for (int i = 0; i < MOST_TRIES; i++) {
        TcpLink link = link(new Flow(to, port, localPort()));
        if (dispatch.links().putIfAbsent(link.flow(), link) == null) {
          return link;
        }
      }
      connections.decrementAndGet();
      budget.give(2L * ring(to));
    }
    throw new AtollException(
        ErrorCode.NO_CAPACITY,
        what
            + ": "
            + connections.get()
            + " connections are open, and take "
            + budget.taken()
            + " bytes",
        "close some of them, or raise what the network may take on this node");
  }

  private int ring(IpAddress to) {
    return Integer.highestOneBit(settings.tcp(to.isV4()).capacity());
  }

  private boolean reserve(int ring) {
    boolean room =
        connections.incrementAndGet() <= settings.connections() && budget.take(2L * ring);
    if (!room) {
      connections.decrementAndGet();
    }
    return room;
  }

  /// The link's memory is reserved.
  private TcpLink link(Flow flow) {
    TcpSettings tcp = settings.tcp(flow.remote().isV4());
    int ring = ring(flow.remote());
    TcpMachine machine = new TcpMachine(tcp.withRing(ring, tcp.maxCapacity()), random.nextInt());
    return new TcpLink(linkKeeper, budget, flow, machine, ring, tcp.maxCapacity());
  }

  private void open(TcpLink link) {
    link.open(now);
    agenda.put(link);
  }

  private Beginning begins(Flow flow, TcpSegment segment) {
    TcpListener listener = listeners.get(flow.localPort());
    boolean asks = segment.has(TcpSegment.SYN) && !segment.has(TcpSegment.ACK);
    if (listener == null || !asks || segment.has(TcpSegment.RST)) {
      return new Beginning.Refused();
    }
    if (!listener.begins()) {
      return new Beginning.Later();
    }
    if (!reserve(ring(flow.remote()))) {
      listener.failed();
      return new Beginning.Later();
    }
    TcpLink link = link(flow);
    dispatch.links().put(flow, link);
    opening.put(link, listener);
    return new Beginning.Begun(link);
  }

  private boolean asks(Flow flow, TcpSegment segment, byte[] head) {
    boolean asks =
        segment.has(TcpSegment.SYN)
            && !segment.has(TcpSegment.ACK)
            && !segment.has(TcpSegment.RST)
            && !segment.has(TcpSegment.FIN);
    if (doorway == null || !asks) {
      return false;
    }
    if (approaches.contains(flow)) {
      return true; // Who asks again is still waiting.
    }
    if (!reserve(ring(flow.remote()))) {
      return true; // With no answer it asks again, and there may be room then.
    }
    approaches.add(flow);
    doorway.asked(new Approach(this, flow, segment, head));
    return true;
  }

  /// Answers an approach, and waits until the other end has heard that.
  ///
  /// @return null if it does not go on
  @Nullable TcpStream accept(Approach approach, Duration timeout) throws InterruptedException {
    Flow flow = approach.flow();
    TcpLink link = link(flow);
    orders.add(
        () -> {
          approaches.remove(flow);
          dispatch.links().put(flow, link);
          link.arrived(now, approach.plain(), MemorySegment.NULL, 0);
          touch(link);
        });
    wake();
    if (closed) {
      link.over(TcpEnd.ABORTED);
    }
    TcpEnd end;
    try {
      end = link.awaitEstablished(timeout.toNanos());
    } catch (InterruptedException e) {
      link.release(true);
      throw e;
    }
    if (end == null) {
      return new TcpStream(link);
    }
    link.release(true);
    return null;
  }

  /// Turns an approach down.
  ///
  /// @param answer what to say to that, on the stack's thread
  void decline(Approach approach, Consumer<PacketWriter> answer) {
    orders.add(
        () -> {
          if (approaches.remove(approach.flow())) {
            connections.decrementAndGet();
            budget.give(2L * ring(approach.flow().remote()));
            answer.accept(writer);
          }
        });
    wake();
  }

  /// Says something outside of any connection.
  void say(Consumer<PacketWriter> what) {
    if (orderCount.incrementAndGet() > MOST_SAID) {
      orderCount.decrementAndGet();
      return;
    }
    orders.add(
        () -> {
          orderCount.decrementAndGet();
          what.accept(writer);
        });
    wake();
  }

  /// The address that the other end of a flow knows.
  IpAddress own(Flow flow) {
    IpAddress local = flow.local();
    return local != null
        ? local
        : IpAddress.of(flow.remote().isV4() ? settings.v4() : settings.v6());
  }

  private @Nullable UdpFlow opens(Flow flow) {
    if (doorway == null || flowCount.incrementAndGet() > settings.connections()) {
      if (doorway != null) {
        flowCount.decrementAndGet();
      }
      return null;
    }
    int header = flow.remote().isV4() ? PacketReader.V4_BYTES : PacketReader.V6_BYTES;
    int limit = settings.mtu() - header - UDP_BYTES;
    UdpFlow made = new UdpFlow(this, flow, limit, settings.udpIdle(), now);
    if (!doorway.opened(made)) {
      flowCount.decrementAndGet();
      return null;
    }
    dispatch.flows().put(flow, made);
    touch(made);
    return made;
  }

  /// Takes connections to a port.
  ///
  /// @throws AtollException CONFLICT if somebody does already
  public TcpListener listen(int port) {
    TcpListener listener = new TcpListener(this, port);
    if (listeners.putIfAbsent(port, listener) != null) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "listening on port " + port + " of " + settings.v4().getHostAddress() + ": it is taken",
          "choose another port");
    }
    return listener;
  }

  void closed(TcpListener listener) {
    listeners.remove(listener.port(), listener);
  }

  /// A flow of datagrams; nothing is sent by this.
  ///
  /// @throws AtollException NO_CAPACITY or NOT_READY
  public UdpFlow udp(InetAddress to, int port) {
    String what = "sending datagrams to " + to.getHostAddress() + " port " + port;
    if (closed) {
      throw closedAlready(what);
    }
    if (flowCount.incrementAndGet() > settings.connections()) {
      flowCount.decrementAndGet();
      throw new AtollException(
          ErrorCode.NO_CAPACITY,
          what + ": " + settings.connections() + " flows are open",
          "close some of them; idle ones close after " + settings.udpIdle().toSeconds() + " s");
    }
    IpAddress remote = IpAddress.of(to);
    int header = remote.isV4() ? PacketReader.V4_BYTES : PacketReader.V6_BYTES;
    int limit = settings.mtu() - header - UDP_BYTES;
    for (int i = 0; i < MOST_TRIES; i++) {
      Flow flow = new Flow(remote, port, localPort());
      UdpFlow made = new UdpFlow(this, flow, limit, settings.udpIdle(), System.nanoTime());
      if (dispatch.flows().putIfAbsent(flow, made) == null) {
        touch(made);
        return made;
      }
    }
    flowCount.decrementAndGet();
    throw new AtollException(ErrorCode.NO_CAPACITY, what + ": no port is free", "close some flows");
  }

  void transmit(UdpFlow flow, byte[] datagram) {
    if (flow.equals(dispatch.flows().get(flow.flow()))) {
      writer.udp(flow.flow(), datagram);
    }
  }

  void ended(UdpFlow flow) {
    if (dispatch.flows().remove(flow.flow(), flow)) {
      flowCount.decrementAndGet();
    }
  }

  /// Asks a member for an echo.
  ///
  /// @return how long it took
  /// @throws AtollException TIMEOUT, GATEWAY_UNREACHABLE or NO_CAPACITY
  public Duration ping(InetAddress to, Duration timeout) throws InterruptedException {
    IpAddress address = IpAddress.of(to);
    String what = "pinging " + to.getHostAddress();
    Integer number = pings.begin(address, System.nanoTime());
    if (number == null) {
      throw new AtollException(ErrorCode.NO_CAPACITY, what + ": too many at once", "try again");
    }
    MemorySegment body = MemorySegment.ofArray(new byte[PING_BYTES]);
    int type = address.isV4() ? 8 : 128;
    orders.add(() -> writer.icmp(address, type, 0, number, body, 0, PING_BYTES));
    wake();
    Duration took = pings.await(number, timeout);
    if (took == null) {
      throw failed(TcpEnd.TIMED_OUT, what, timeout);
    }
    if (took.isNegative()) {
      throw failed(TcpEnd.UNREACHABLE, what, timeout);
    }
    return took;
  }

  public StackCounters counters() {
    return dispatch.counters(
        out.sent(), inbox.dropped(), connections.get(), flowCount.get(), budget.taken());
  }

  void touch(Held held) {
    if (held.touched.compareAndSet(false, true)) {
      touched.add(held);
      wake();
    }
  }

  private void wake() {
    if (waiting) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    try {
      while (!closed) {
        try {
          round();
        } catch (RuntimeException e) {
          log.error("the stack of {} goes on after a mistake of its own", settings.v4(), e);
        }
      }
    } finally {
      closed = true; // Nobody waits for a thread that an error has ended.
      end();
    }
  }

  private void round() {
    now = System.nanoTime();
    Inbox.Slab slab = inbox.take();
    boolean worked = slab.count() > 0;
    for (int i = 0; i < slab.count(); i++) {
      dispatch.received(now, slab.memory(), slab.offset(i), slab.length(i), slab.verified(i));
    }
    for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
      order.run();
      worked = true;
    }
    // Not to the end: a thousand who write would keep it from what has come meanwhile.
    for (int i = 0; i < MOST_SERVED; i++) {
      Held held = touched.poll();
      if (held == null) {
        break;
      }
      held.touched.set(false);
      held.serve(now);
      agenda.put(held);
      worked = true;
    }
    for (Held held = agenda.due(now); held != null; held = agenda.due(now)) {
      held.serve(now);
      agenda.put(held);
      worked = true;
    }
    writer.flush();
    if (!worked) {
      sleep();
    }
  }

  private void sleep() {
    waiting = true;
    if (!closed && inbox.isEmpty() && orders.isEmpty() && touched.isEmpty()) {
      long next = agenda.next();
      if (next == Long.MAX_VALUE) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, Math.max(1, next - System.nanoTime()));
      }
    }
    waiting = false;
  }

  private void end() {
    for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
      order.run();
    }
    List.copyOf(dispatch.links().values()).forEach(link -> link.abort(now));
    List.copyOf(dispatch.flows().values()).forEach(flow -> flow.close("the network is left"));
    writer.flush();
  }

  /// Breaks off every connection and waits until the thread is done.
  @Override
  public void close() {
    List.copyOf(listeners.values()).forEach(TcpListener::close);
    closed = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive() && !thread.equals(Thread.currentThread())) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
