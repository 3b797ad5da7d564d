package io.atoll.client.gate;

import io.atoll.client.GateConnection;
import io.atoll.core.error.AtollException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Flows of datagrams through the gate, one for each who sends and each whom he sends to. They
/// close by themselves. Datagrams that come faster than they leave are dropped.
final class Flows<K> implements AutoCloseable {
  private static final int MOST_WAITING = 128;
  private static final int MOST_FLOWS = 2048;
  private static final int LONGEST = 65_507;
  private static final Duration IDLE = Duration.ofMinutes(5);

  /// Takes what comes back.
  interface Sink<K> {
    void datagram(K key, byte[] bytes, int length) throws IOException;
  }

  private final GateDialer dialer;
  private final Sink<K> sink;
  private final Consumer<String> notes;
  private final Map<K, Flow> flows = new ConcurrentHashMap<>();
  private volatile boolean closed;

  Flows(GateDialer dialer, Sink<K> sink, Consumer<String> notes) {
    this.dialer = dialer;
    this.sink = sink;
    this.notes = notes;
  }

  /// Sends a datagram, over a new flow if there is none. Never waits.
  void send(K key, Target to, byte[] datagram) {
    if (closed) {
      return;
    }
    Flow flow = flows.get(key);
    if (flow == null && flows.size() < MOST_FLOWS) {
      Flow fresh = new Flow(key, to);
      Flow before = flows.putIfAbsent(key, fresh);
      flow = before == null ? fresh : before;
      if (before == null) {
        fresh.thread.start();
      }
    }
    if (flow != null) {
      boolean _ = flow.waiting.offer(datagram);
    }
  }

  int count() {
    return flows.size();
  }

  private final class Flow {
    final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final K key;
    private final Target to;
    private final Thread thread = Thread.ofVirtual().name("flow up").unstarted(this::up);

    Flow(K key, Target to) {
      this.key = key;
      this.to = to;
    }

    void up() {
      try (GateConnection gate = dialer.udp(to.host(), to.port())) {
        Thread down = Thread.ofVirtual().name("flow down").start(() -> down(gate));
        while (down.isAlive()) {
          byte[] datagram = waiting.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
          if (datagram != null) {
            gate.line().write(datagram, 0, datagram.length);
          }
        }
      } catch (AtollException e) {
        notes.accept(Forward.words(e));
      } catch (IOException away) {
        // The next datagram finds another flow.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        flows.remove(key, this);
      }
    }

    private void down(GateConnection gate) {
      byte[] buffer = new byte[2048];
      int length = 0;
      try {
        while (true) {
          if (length == buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.min(LONGEST + 1, 2 * length));
          }
          int count = gate.line().read(buffer, length, buffer.length - length);
          if (count < 0 || length + count > LONGEST) {
            break;
          }
          length += count;
          if (count == 0) {
            sink.datagram(key, buffer, length);
            length = 0;
          }
        }
      } catch (IOException away) {
        // As where the gate closes it.
      }
      flows.remove(key, this);
      gate.close();
      thread.interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    flows.values().forEach(flow -> flow.thread.interrupt());
  }
}
