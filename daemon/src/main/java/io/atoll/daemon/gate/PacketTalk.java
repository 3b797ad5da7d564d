package io.atoll.daemon.gate;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.core.websocket.WebSocketLine;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A WebSocket as the packets of one address: a message is a packet of IP. The switch behind the
/// port judges each, and drops and counts what the address may not send.
final class PacketTalk implements Talk {
  private final PacketPort port;

  /// @param port of IP, without offloads: what comes out are packets as they are on a wire
  PacketTalk(PacketPort port) {
    this.port = port;
  }

  @Override
  public void run(WebSocketLine line) throws IOException, InterruptedException {
    // A port may wait in a call of the system, and would hold the carrier of a virtual thread.
    Thread down = Thread.ofPlatform().daemon().name("gate packets").start(() -> down(line));
    try {
      up(line);
    } finally {
      port.close();
      down.interrupt();
      down.join();
    }
  }

  private void up(WebSocketLine line) throws IOException {
    byte[] buffer = new byte[port.mtu()];
    PacketBatch batch = new PacketBatch(1, 1);
    while (true) {
      byte[] packet = line.message(buffer, buffer.length);
      if (packet == null) {
        return;
      }
      if (packet.length > 0) {
        batch.clear();
        int at = batch.place(packet.length);
        MemorySegment.copy(packet, 0, batch.memory(), JAVA_BYTE, at, packet.length);
        batch.add(at, packet.length);
        try {
          port.send(batch);
        } catch (IOException gone) {
          GateCloses.tell(line, GateCloses.TAKEN, "the address is not this socket's any more");
          return;
        }
      }
    }
  }

  private void down(WebSocketLine line) {
    PacketBatch batch = PacketBatch.usual();
    byte[] packet = new byte[port.mtu()];
    try {
      while (true) {
        int count;
        try {
          count = port.receive(batch);
        } catch (IOException gone) {
          GateCloses.tell(line, GateCloses.TAKEN, "the address is not this socket's any more");
          return;
        }
        for (int i = 0; i < count; i++) {
          int length = Math.min(packet.length, batch.length(i));
          MemorySegment.copy(batch.memory(), JAVA_BYTE, batch.offset(i), packet, 0, length);
          line.write(packet, 0, length);
        }
      }
    } catch (IOException away) {
      port.close(); // The reader finds the same.
    }
  }

  @Override
  public void close() {
    port.close();
  }
}
