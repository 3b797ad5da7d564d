package io.atoll.client.gate;

import io.atoll.client.GateConnection;
import io.atoll.core.websocket.Closing;
import io.atoll.core.websocket.WebSocketLine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Joins what is on this machine with a connection through the gate, until both directions have
/// ended or one is broken off.
final class Splice {
  private static final int FIRST_BUFFER = 4 << 10;
  private static final int LARGEST_BUFFER = 64 << 10;

  /// The end on this machine.
  interface Local {
    /// @return -1 where there is no more
    int read(byte[] into) throws IOException;

    void write(byte[] from, int length) throws IOException;

    /// Nothing more is written.
    void ended() throws IOException;

    /// Ends what reads and writes.
    ///
    /// @param inOrder whether whoever is there is to believe that it was all
    void close(boolean inOrder);
  }

  private Splice() {}

  static Local of(Socket socket, InputStream in) {
    return new Local() {
      private final AtomicBoolean closed = new AtomicBoolean();

      @Override
      public int read(byte[] into) throws IOException {
        return in.read(into);
      }

      @Override
      public void write(byte[] from, int length) throws IOException {
        socket.getOutputStream().write(from, 0, length);
      }

      @Override
      public void ended() throws IOException {
        socket.shutdownOutput();
      }

      @Override
      public void close(boolean inOrder) {
        if (closed.compareAndSet(false, true)) {
          try {
            if (!inOrder) {
              socket.setSoLinger(true, 0); // The other end sees a reset.
            }
            socket.close();
          } catch (IOException gone) {
            // That was wanted.
          }
        }
      }
    };
  }

  static Local of(InputStream in, OutputStream out) {
    return new Local() {
      @Override
      public int read(byte[] into) throws IOException {
        return in.read(into);
      }

      @Override
      public void write(byte[] from, int length) throws IOException {
        out.write(from, 0, length);
        out.flush();
      }

      @Override
      public void ended() throws IOException {
        out.close();
      }

      @Override
      public void close(boolean inOrder) {
        // Standard input cannot be broken off; the process ends.
      }
    };
  }

  /// Returns once both have ended.
  ///
  /// @return why it ended otherwise; null where all is well
  static @Nullable String run(Local local, GateConnection gate) throws InterruptedException {
    Thread up = Thread.ofVirtual().name("splice up").start(() -> up(local, gate));
    String why = down(local, gate.line());
    local.close(why == null);
    gate.close();
    up.interrupt();
    return why;
  }

  /// From here to the member.
  private static void up(Local local, GateConnection gate) {
    WebSocketLine line = gate.line();
    byte[] buffer = new byte[FIRST_BUFFER];
    try {
      while (true) {
        int count;
        try {
          count = local.read(buffer);
        } catch (IOException broken) {
          gate.close(); // Without a word: the member is to see that it was broken off.
          return;
        }
        if (count < 0) {
          line.write(buffer, 0, 0);
          return;
        }
        line.write(buffer, 0, count);
        buffer = larger(buffer, count);
      }
    } catch (IOException away) {
      gate.close(); // The other direction finds the same.
    }
  }

  /// From the member to here.
  private static @Nullable String down(Local local, WebSocketLine line) {
    byte[] buffer = new byte[FIRST_BUFFER];
    boolean empty = true;
    boolean ended = false;
    while (true) {
      int count;
      try {
        count = line.read(buffer, 0, buffer.length);
      } catch (IOException e) {
        return "the connection to the hub broke: " + e.getMessage();
      }
      if (count < 0) {
        Closing said = line.closing();
        boolean well = said != null && said.isNormal();
        return well ? null : said == null || said.reason().isEmpty() ? "broken off" : said.reason();
      }
      try {
        if (count > 0) {
          empty = false;
          local.write(buffer, count);
          buffer = larger(buffer, count);
        } else {
          if (empty && !ended) {
            ended = true;
            local.ended();
          }
          empty = true;
        }
      } catch (IOException e) {
        return "the program here broke off";
      }
    }
  }

  /// A full buffer says that there is more at a time than fits.
  private static byte[] larger(byte[] buffer, int filled) {
    return filled == buffer.length && filled < LARGEST_BUFFER
        ? Arrays.copyOf(buffer, 2 * filled)
        : buffer;
  }
}
