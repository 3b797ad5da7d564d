package io.atoll.vpn.gateway;

import io.atoll.core.os.LinkControl;
import io.atoll.core.os.NetworkNamespace;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.Splitter;
import io.atoll.vpn.port.TunPort;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;

/// A stack and the system's own, with a TUN device between them and, if wanted, a bad way.
///
/// ```
///  10.9.0.1, fd09::1                                 b: 10.9.0.2, fd09::2
///  [ Stack ] ── Faults ── TunPort ── tun [ kernel · curl · Java's sockets ]
/// ```
final class KernelLab implements AutoCloseable {
  static final Set<Offload> ALL = EnumSet.allOf(Offload.class);
  static final int MTU = 1420;
  static final Inet4Address STACK4 = (Inet4Address) InetAddress.ofLiteral("10.9.0.1");
  static final Inet6Address STACK6 = (Inet6Address) InetAddress.ofLiteral("fd09::1");
  static final InetAddress KERNEL4 = InetAddress.ofLiteral("10.9.0.2");
  static final InetAddress KERNEL6 = InetAddress.ofLiteral("fd09::2");
  private static final Path B = Path.of("/run/netns/b");

  final Stack stack;
  final TunPort port;
  private final AutoCloseable whole;

  private KernelLab(Stack stack, TunPort port, AutoCloseable whole) {
    this.stack = stack;
    this.port = port;
    this.whole = whole;
  }

  static KernelLab clean(Set<Offload> wanted) throws Exception {
    return clean(wanted, StackSettings.usual(STACK4, STACK6, MTU));
  }

  static KernelLab clean(Set<Offload> wanted, StackSettings settings) throws Exception {
    TunPort port = device(wanted);
    StackAtPort at = StackAtPort.start(settings, port);
    return new KernelLab(at.stack(), port, at);
  }

  /// @param lost of a thousand packets in each direction, and as many come late
  static KernelLab bad(int lost, StackSettings settings) throws Exception {
    TunPort port = device(ALL);
    PacketBatch batch = PacketBatch.usual();
    Faults out =
        new Faults(
            new Random(1),
            lost,
            lost,
            (memory, offset, length) -> {
              batch.clear();
              int at = batch.place(length);
              MemorySegment.copy(memory, offset, batch.memory(), at, length);
              batch.add(at, length);
              try {
                port.send(batch);
              } catch (IOException e) {
                // The lab is closed.
              }
            });
    Stack stack = Stack.start(settings, out::send);
    Faults in = new Faults(new Random(2), lost, lost, (m, o, n) -> stack.received(m, o, n, false));
    Thread.ofPlatform().daemon().name("lab").start(() -> receive(port, in));
    return new KernelLab(
        stack,
        port,
        () -> {
          stack.close();
          port.close();
        });
  }

  private static void receive(TunPort port, Faults in) {
    PacketBatch batch = PacketBatch.usual();
    Splitter splitter = new Splitter(Link.IP);
    try {
      while (true) {
        int count = port.receive(batch);
        for (int i = 0; i < count; i++) {
          if (splitter.begin(batch, i)) {
            while (splitter.next()) {
              in.send(splitter.memory(), splitter.offset(), splitter.length());
            }
          }
        }
      }
    } catch (ClosedChannelException e) {
      // The lab is closed.
    } catch (IOException e) {
      e.printStackTrace();
    }
  }

  private static TunPort device(Set<Offload> wanted) throws Exception {
    TunPort made =
        inside(
            () -> {
              TunPort port = TunPort.open("lab", MTU, wanted);
              try (LinkControl control = LinkControl.open(port.name())) {
                control.mtu(MTU);
                control.address(KERNEL4, 24);
                control.up();
                control.address(KERNEL6, 64);
              }
              return port;
            });
    // As the supervisor does it; the older call is the machine's own root's.
    run("ip", "link", "set", made.name(), "txqueuelen", Integer.toString(TunPort.QUEUE));
    return made;
  }

  /// Where the system's sockets of the lab are opened.
  static <T> T inside(Callable<T> work) throws Exception {
    return NetworkNamespace.inside(B, work);
  }

  /// Runs a command beside the system's end.
  ///
  /// @return what it printed
  static String run(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + B));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", words) + ": " + said);
    }
    return said;
  }

  /// Returns when the interface is gone, so that the next lab can have its name: the one who
  /// receives from it lets go of it a moment after the port is closed.
  @Override
  public void close() throws Exception {
    whole.close();
    for (int i = 0; i < 1000 && inside(() -> NetworkInterface.getByName("lab")) != null; i++) {
      Thread.sleep(10);
    }
  }
}
