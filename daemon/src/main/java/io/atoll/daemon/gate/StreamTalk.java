package io.atoll.daemon.gate;

import io.atoll.core.websocket.Closing;
import io.atoll.core.websocket.WebSocketLine;
import io.atoll.vpn.gateway.TcpStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/// A WebSocket as one connection of TCP. Where messages begin and end means nothing; with half
/// closing, an empty one means that its side has no more.
final class StreamTalk implements Talk {
  private static final int FIRST_BUFFER = 4 << 10;
  private static final int LARGEST_BUFFER = 64 << 10;

  private final TcpStream stream;
  private final boolean halfClosing;

  StreamTalk(TcpStream stream, boolean halfClosing) {
    this.stream = stream;
    this.halfClosing = halfClosing;
  }

  @Override
  public void run(WebSocketLine line) throws IOException, InterruptedException {
    Ends ends = new Ends();
    Thread down = Thread.ofVirtual().name("gate down").start(() -> down(line, ends));
    boolean orderly = false;
    try {
      up(line, ends);
      Closing said = line.closing();
      orderly = said != null && said.isNormal();
    } finally {
      if (orderly) {
        stream.close();
      } else {
        stream.abort();
      }
      down.interrupt();
      down.join();
    }
  }

  /// From the caller to the member.
  private void up(WebSocketLine line, Ends ends) throws IOException {
    byte[] buffer = new byte[FIRST_BUFFER];
    OutputStream out = stream.output();
    boolean empty = true;
    boolean ended = false;
    while (true) {
      int count = line.read(buffer, 0, buffer.length);
      if (count < 0) {
        return;
      }
      if (count == 0) {
        if (empty && halfClosing && !ended) {
          ended = true;
          out.close();
          if (ends.upIsLast()) {
            line.close(Closing.NORMAL, "");
          }
        }
        empty = true;
        continue;
      }
      empty = false;
      try {
        if (!ended) {
          out.write(buffer, 0, count);
        }
      } catch (IOException e) {
        // Why the connection is over, the other direction says; until the caller has heard it,
        // what it sends is of no use.
        ended = true;
      }
      buffer = larger(buffer, count);
    }
  }

  /// From the member to the caller.
  private void down(WebSocketLine line, Ends ends) {
    byte[] buffer = new byte[FIRST_BUFFER];
    try {
      while (true) {
        int count;
        try {
          count = stream.input().read(buffer, 0, buffer.length);
        } catch (IOException e) {
          GateCloses.tell(line, GateCloses.BROKEN_OFF, String.valueOf(e.getMessage()));
          return;
        }
        if (count < 0) {
          if (!halfClosing || ends.downIsLast()) {
            line.close(Closing.NORMAL, "");
          } else {
            line.write(buffer, 0, 0);
          }
          return;
        }
        line.write(buffer, 0, count);
        buffer = larger(buffer, count);
      }
    } catch (IOException away) {
      stream.abort(); // The reader finds the same.
    }
  }

  /// A full buffer says that there is more at a time than fits.
  static byte[] larger(byte[] buffer, int filled) {
    return filled == buffer.length && filled < LARGEST_BUFFER
        ? Arrays.copyOf(buffer, 2 * filled)
        : buffer;
  }

  @Override
  public void close() {
    stream.abort();
  }

  /// Which directions have ended.
  private static final class Ends {
    private boolean up;
    private boolean down;

    synchronized boolean upIsLast() {
      up = true;
      return down;
    }

    synchronized boolean downIsLast() {
      down = true;
      return up;
    }
  }
}
