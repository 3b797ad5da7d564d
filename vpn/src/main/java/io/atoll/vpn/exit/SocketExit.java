package io.atoll.vpn.exit;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.gateway.Approach;
import io.atoll.vpn.gateway.Doorway;
import io.atoll.vpn.gateway.Echo;
import io.atoll.vpn.gateway.PacketOut;
import io.atoll.vpn.gateway.Stack;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.gateway.TcpStream;
import io.atoll.vpn.gateway.UdpFlow;
import io.atoll.vpn.gateway.tcp.TcpSettings;
import io.atoll.vpn.network.Egress.Resolver;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.vswitch.Exit;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// The way out of one network on this node, by this process's own sockets.
public final class SocketExit implements Exit, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long SECOND = 1_000_000_000L;

  private final Outside outside;
  private final Stack stack;
  private final Ends ends;
  private final Questions questions = new Questions();
  private final Echoes echoes = new Echoes();
  private final LongAdder connections = new LongAdder();
  private final LongAdder flows = new LongAdder();
  private final LongAdder echoed = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder denied = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder full = new LongAdder();

  private SocketExit(Outside outside, ExitLimits limits, StackSettings settings, PacketOut back) {
    this.outside = outside;
    this.ends = new Ends(limits.each());
    this.stack = Stack.start(settings, back, new Door());
  }

  /// @param back takes the packets for members
  public static SocketExit start(
      Network network, int mtu, Outside outside, ExitLimits limits, PacketOut back) {
    long asked = limits.idle().toNanos();
    TcpSettings tcp = TcpSettings.usual(1220, 536).withTimes(100 * SECOND, asked, 60 * SECOND);
    StackSettings settings =
        StackSettings.usual(
                (Inet4Address) network.gateway4().toInet(),
                (Inet6Address) network.gateway6().toInet(),
                mtu)
            .with(tcp)
            .withConnections(limits.connections(), limits.memory())
            .withUdpIdle(limits.idle());
    return new SocketExit(outside, limits, settings, back);
  }

  @Override
  public boolean leave(MemorySegment memory, long at, int bytes, boolean verified) {
    boolean taken = stack.received(memory, at, bytes, verified);
    if (!taken) {
      full.increment();
    }
    return taken;
  }

  @Override
  public boolean ask(byte[] query, Resolver resolver, Consumer<byte[]> then) {
    if (!outside.may(resolver.address())) {
      denied.increment();
      return false;
    }
    boolean asked =
        questions.ask(query, resolver, then, done -> (done ? answered : failed).increment());
    if (!asked) {
      full.increment();
    }
    return asked;
  }

  @Override
  public void forget(IpAddress v4, IpAddress v6) {
    ends.close(v4);
    ends.close(v6);
  }

  public ExitCounters counters() {
    return new ExitCounters(
        connections.sum(),
        flows.sum(),
        echoed.sum(),
        answered.sum(),
        denied.sum(),
        failed.sum(),
        full.sum(),
        ends.count());
  }

  @Override
  public void close() {
    ends.close();
    stack.close();
  }

  /// What the stack asks, on its thread.
  private final class Door implements Doorway {
    @Override
    public void asked(Approach approach) {
      if (outside.may(approach.to())) {
        Thread.ofVirtual().name("exit dial").start(() -> dial(approach));
      } else {
        denied.increment();
        approach.unreachable(true);
      }
    }

    @Override
    public boolean opened(UdpFlow flow) {
      if (!outside.may(IpAddress.of(flow.localAddress()))) {
        denied.increment();
        return false;
      }
      // Its place is taken before its socket is: nobody begins more than he may.
      Ends.End place = flow::close;
      IpAddress from = IpAddress.of(flow.remoteAddress());
      if (!ends.add(from, place)) {
        full.increment();
        return false;
      }
      Thread.ofVirtual().name("exit udp").start(() -> open(flow, from, place));
      return true;
    }

    @Override
    public void echo(Echo echo) {
      if (!outside.may(echo.of())) {
        denied.increment();
      } else if (!echoes.ask(echo, outside, SocketExit.this::echoed)) {
        full.increment();
      }
    }
  }

  private void echoed(boolean came) {
    (came ? echoed : failed).increment();
  }

  private void dial(Approach approach) {
    Dialling place = new Dialling(new Socket());
    if (outside.isHere(approach.to())) {
      denied.increment();
      approach.unreachable(true);
    } else if (!ends.add(approach.from(), place)) {
      full.increment();
      approach.unreachable(true);
    } else {
      try {
        dial(approach, place);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        ends.remove(approach.from(), place);
      }
    }
  }

  /// What is being connected, and can be closed meanwhile.
  private record Dialling(Socket socket) implements Ends.End {
    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException e) {
        // Nothing more can be done about it.
      }
    }
  }

  private void dial(Approach approach, Dialling place) throws InterruptedException {
    IpAddress from = approach.from();
    InetAddress to = approach.to().toInet();
    try {
      place.socket.setTcpNoDelay(true);
      place.socket.connect(new InetSocketAddress(to, approach.port()), (int) PATIENCE.toMillis());
    } catch (IOException e) {
      failed.increment();
      place.close();
      ends.remove(from, place);
      if (e instanceof ConnectException) {
        approach.refuse();
      } else {
        approach.unreachable(false);
      }
      return;
    }
    TcpStream stream = approach.accept(PATIENCE);
    if (stream == null) {
      failed.increment();
      place.close();
      ends.remove(from, place);
      return;
    }
    connections.increment();
    // Whoever closes its place from now on breaks off what goes through.
    new Through(stream, place.socket, () -> ends.remove(from, place)).start();
  }

  private void open(UdpFlow flow, IpAddress from, Ends.End place) {
    try {
      if (outside.isHere(IpAddress.of(flow.localAddress()))) {
        denied.increment();
        flow.close();
        ends.remove(from, place);
        return;
      }
      DatagramChannel channel =
          DatagramChannel.open()
              .connect(new InetSocketAddress(flow.localAddress(), flow.localPort()));
      flows.increment();
      new Datagrams(flow, channel, () -> ends.remove(from, place)).start();
    } catch (IOException e) {
      failed.increment();
      flow.close();
      ends.remove(from, place);
    }
  }
}
