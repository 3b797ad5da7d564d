package io.atoll.daemon.hub;

import io.atoll.market.activity.PortOpen;
import io.atoll.p2p.host.Stream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes datagrams for a port of a run; those of each sender travel over a stream of its own. What
/// comes faster than it leaves is dropped.
final class UdpPortDoor implements PortDoor {
  private static final Logger log = LoggerFactory.getLogger(UdpPortDoor.class);
  private static final int MOST_FLOWS = 1024;
  private static final int MOST_WAITING = 128;
  private static final Duration IDLE = Duration.ofMinutes(5);

  private final DatagramSocket socket;
  private final TcpPortDoor.Dial dial;
  private final Map<SocketAddress, Flow> flows = new ConcurrentHashMap<>();

  private UdpPortDoor(DatagramSocket socket, TcpPortDoor.Dial dial) {
    this.socket = socket;
    this.dial = dial;
  }

  static UdpPortDoor open(InetSocketAddress at, TcpPortDoor.Dial dial) throws IOException {
    UdpPortDoor door = new UdpPortDoor(new DatagramSocket(at), dial);
    Thread.ofVirtual().name("port door").start(door::receive);
    return door;
  }

  @Override
  public int port() {
    return socket.getLocalPort();
  }

  private void receive() {
    byte[] buffer = new byte[PortOpen.LONGEST_DATAGRAM];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    while (!socket.isClosed()) {
      try {
        packet.setLength(buffer.length);
        socket.receive(packet);
        Flow flow = flow(packet.getSocketAddress());
        if (flow != null) {
          boolean _ = flow.waiting.offer(Arrays.copyOf(buffer, packet.getLength()));
        }
      } catch (IOException e) {
        log.debug("a published port took no datagram", e);
      }
    }
  }

  private @Nullable Flow flow(SocketAddress from) {
    Flow known = flows.get(from);
    if (known != null || flows.size() >= MOST_FLOWS) {
      return known;
    }
    Flow fresh = new Flow(from);
    flows.put(from, fresh); // Only this thread adds.
    fresh.thread.start();
    return fresh;
  }

  private final class Flow {
    final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    final Thread thread = Thread.ofVirtual().name("port flow").unstarted(this::up);
    private final SocketAddress from;

    Flow(SocketAddress from) {
      this.from = from;
    }

    private void up() {
      try {
        Stream stream = dial.open();
        try {
          Thread down = Thread.ofVirtual().name("port flow down").start(() -> down(stream));
          DataOutputStream out = new DataOutputStream(stream.out());
          while (down.isAlive()) {
            byte[] datagram = waiting.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
            if (datagram != null) {
              PortOpen.writeDatagram(out, datagram, datagram.length);
            }
          }
        } finally {
          stream.reset();
        }
      } catch (IOException e) {
        log.debug("datagrams to a published port are lost", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        flows.remove(from, this);
      }
    }

    private void down(Stream stream) {
      try {
        DataInputStream in = new DataInputStream(stream.in());
        for (byte[] datagram = PortOpen.readDatagram(in);
            datagram != null;
            datagram = PortOpen.readDatagram(in)) {
          socket.send(new DatagramPacket(datagram, datagram.length, from));
        }
      } catch (IOException e) {
        // The node closed the flow, or is gone: the next datagram finds another.
      }
      flows.remove(from, this);
      thread.interrupt();
    }
  }

  @Override
  public void close() {
    socket.close();
    flows.values().forEach(flow -> flow.thread.interrupt());
  }
}
