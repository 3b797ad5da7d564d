package io.atoll.daemon.gate;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.websocket.WebSocketLine;
import io.atoll.vpn.gateway.UdpFlow;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A WebSocket as one flow of UDP: a message is a datagram. What the way does not carry is dropped,
/// as on any way.
final class DatagramTalk implements Talk {
  private static final Duration LOOK = Duration.ofMinutes(1);

  private final UdpFlow flow;

  DatagramTalk(UdpFlow flow) {
    this.flow = flow;
  }

  @Override
  public void run(WebSocketLine line) throws IOException, InterruptedException {
    Thread down = Thread.ofVirtual().name("gate down").start(() -> down(line));
    try {
      up(line);
    } finally {
      flow.close();
      down.join();
    }
  }

  private void up(WebSocketLine line) throws IOException {
    byte[] buffer = new byte[flow.limit() + 1];
    int length = 0;
    while (true) {
      boolean room = length < buffer.length;
      int at = room ? length : 0; // what is too long is read over itself
      int count = line.read(buffer, at, buffer.length - at);
      if (count < 0) {
        return;
      }
      if (count > 0) {
        length = room ? length + count : buffer.length;
        continue;
      }
      if (length < buffer.length && !send(Arrays.copyOf(buffer, length))) {
        return;
      }
      length = 0;
    }
  }

  /// @return whether the flow goes on
  private boolean send(byte[] datagram) {
    try {
      flow.send(datagram);
      return true;
    } catch (AtollException e) {
      if (e.code() != ErrorCode.TOO_LARGE) {
        throw e;
      }
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  private void down(WebSocketLine line) {
    try {
      while (flow.isOpen()) {
        byte[] datagram = receive();
        if (datagram != null) {
          line.write(datagram, 0, datagram.length);
        }
      }
      GateCloses.tell(line, GateCloses.IDLE, "nothing was sent or received for a while");
    } catch (IOException away) {
      flow.close(); // The reader finds the same.
    }
  }

  /// @return null if there is none; whether more may come, the flow tells
  private byte @Nullable [] receive() {
    try {
      return flow.receive(LOOK);
    } catch (IOException refusedOrClosed) {
      return null; // That nobody has the port now says nothing of the next datagram.
    }
  }

  @Override
  public void close() {
    flow.close();
  }
}
