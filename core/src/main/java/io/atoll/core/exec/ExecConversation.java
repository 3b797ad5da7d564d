package io.atoll.core.exec;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Sits before one command: passes input to it and output from it, over as many connections as it
/// takes. Each byte arrives once, in order, or the conversation fails.
///
/// The caller's thread reads; a second one passes input on, a third asks whether the line is alive.
public final class ExecConversation {
  /// Opens connections.
  public interface Dialer {
    /// @throws IOException if there is none now; it is asked again
    /// @throws AtollException if there will be none
    ExecLine open() throws IOException, InterruptedException;
  }

  private static final Duration PATIENCE = Duration.ofSeconds(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration PING = Duration.ofSeconds(5);
  private static final Duration SILENCE = Duration.ofSeconds(20);

  private final Dialer dialer;
  private final @Nullable InputStream input;
  private final OutputStream out;
  private final OutputStream err;

  // used by the reading thread only
  private long outHad;
  private long errHad;

  // guarded by this
  private final ArrayDeque<byte[]> kept = new ArrayDeque<>();
  private long keptFrom;
  private long inputEnd;
  private boolean inputEnds;
  private @Nullable TerminalSize size;

  /// The connection, once the other side has said how much input it has; and before that.
  private @Nullable ExecLine line;

  private @Nullable ExecLine dialled;
  private boolean over;
  private volatile long heard = System.nanoTime();

  /// @param input null for none: the command reads an end at once
  public ExecConversation(
      Dialer dialer, @Nullable InputStream input, OutputStream out, OutputStream err) {
    this.dialer = dialer;
    this.input = input;
    this.out = out;
    this.err = err;
    this.inputEnds = input == null;
  }

  /// Returns once the command has ended and all of its output was passed on.
  ///
  /// @throws AtollException UNREACHABLE if no connection can be had for a minute; or why there is
  ///     none at all
  /// @throws IOException if output cannot be passed on
  public ExecEnd run() throws IOException, InterruptedException {
    if (input != null) {
      Thread.ofPlatform().daemon().name("input").start(() -> pump(input));
    }
    Thread alive = Thread.ofVirtual().name("alive").start(this::keepAlive);
    try {
      return talk();
    } finally {
      synchronized (this) {
        over = true;
        notifyAll();
        if (dialled != null) {
          dialled.close();
        }
      }
      alive.interrupt();
    }
  }

  private ExecEnd talk() throws IOException, InterruptedException {
    long lostAt = System.nanoTime();
    long pause = 20;
    while (true) {
      long before = outHad + errHad;
      try (ExecLine opened = dialer.open()) {
        DataInputStream in = new DataInputStream(new BufferedInputStream(opened.in(), 32 << 10));
        attach(opened);
        while (true) {
          ExecFrame frame = ExecFrame.read(in);
          heard = System.nanoTime();
          lostAt = heard;
          pause = 20;
          ExecEnd end = take(opened, frame);
          if (end != null) {
            return end;
          }
        }
      } catch (Unwritable e) {
        throw e.reason;
      } catch (IOException e) {
        if (System.nanoTime() - lostAt > PATIENCE.toNanos()) {
          throw new AtollException(
              ErrorCode.UNREACHABLE,
              "the connection to the command was lost, and not found again for "
                  + PATIENCE.toSeconds()
                  + " s: "
                  + e.getMessage(),
              "the command is ended when nobody comes back to it",
              e);
        }
      } finally {
        synchronized (this) {
          line = null;
          dialled = null;
        }
      }
      pause = before == outHad + errHad ? Math.min(pause * 2, LONGEST_PAUSE.toMillis()) : 20;
      Thread.sleep(pause);
    }
  }

  /// Output could not be passed on: that is no reason to connect again.
  private static final class Unwritable extends IOException {
    private static final long serialVersionUID = 1;
    private final transient IOException reason;

    private Unwritable(IOException reason) {
      super(reason);
      this.reason = reason;
    }
  }

  private synchronized void attach(ExecLine opened) throws IOException {
    heard = System.nanoTime();
    dialled = opened;
    write(opened, new ExecFrame.Attach(outHad, errHad));
    if (size != null) {
      write(opened, new ExecFrame.Resize(size));
    }
  }

  private @Nullable ExecEnd take(ExecLine from, ExecFrame frame) throws IOException {
    switch (frame) {
      case ExecFrame.Attached(long read) -> {
        synchronized (this) {
          forget(read);
          long at = keptFrom;
          for (byte[] piece : kept) {
            write(from, new ExecFrame.Input(at, piece));
            at += piece.length;
          }
          line = from;
          if (inputEnds) {
            write(from, new ExecFrame.NoMore(inputEnd));
          }
        }
      }
      case ExecFrame.Taken(long read) -> {
        synchronized (this) {
          forget(read);
        }
      }
      case ExecFrame.Out(long offset, byte[] data) -> {
        outHad = pass(out, offset, data, outHad);
        acknowledge(from);
      }
      case ExecFrame.Err(long offset, byte[] data) -> {
        errHad = pass(err, offset, data, errHad);
        acknowledge(from);
      }
      case ExecFrame.Ended(ExecEnd end) -> {
        synchronized (this) {
          write(from, new ExecFrame.Release());
        }
        return end;
      }
      case ExecFrame.Failed(String code, String message, String hint) -> {
        switch (code(code)) {
          // What lies between is on its way back, and the session is not there.
          case UNREACHABLE, NOT_READY, TIMEOUT -> throw new IOException(message);
          default -> throw new AtollException(code(code), message, hint);
        }
      }
      case ExecFrame.Pong _, ExecFrame.Ready _ -> {}
      case ExecFrame.Attach _,
          ExecFrame.Input _,
          ExecFrame.NoMore _,
          ExecFrame.Ack _,
          ExecFrame.Resize _,
          ExecFrame.Signal _,
          ExecFrame.Release _,
          ExecFrame.Ping _ ->
          throw new IOException("the other side talks as if it were this one");
    }
    return null;
  }

  private static ErrorCode code(String text) {
    for (ErrorCode code : ErrorCode.values()) {
      if (code.name().equals(text)) {
        return code;
      }
    }
    return ErrorCode.INTERNAL;
  }

  private static long pass(OutputStream to, long offset, byte[] data, long had) throws IOException {
    if (offset > had) {
      throw new IOException("output is missing between " + had + " and " + offset);
    }
    int known = (int) Math.min(data.length, had - offset);
    if (known < data.length) {
      try {
        to.write(data, known, data.length - known);
        to.flush();
      } catch (IOException e) {
        throw new Unwritable(e);
      }
    }
    return had + data.length - known;
  }

  private synchronized void acknowledge(ExecLine to) throws IOException {
    write(to, new ExecFrame.Ack(outHad, errHad));
  }

  /// Called with the monitor held.
  private void forget(long read) throws IOException {
    if (read > inputEnd) {
      throw new IOException("the command read more than it was given");
    }
    while (keptFrom < read) {
      byte[] first = kept.removeFirst();
      int gone = (int) Math.min(first.length, read - keptFrom);
      if (gone < first.length) {
        kept.addFirst(Arrays.copyOfRange(first, gone, first.length));
      }
      keptFrom += gone;
    }
    notifyAll();
  }

  private static void write(ExecLine to, ExecFrame frame) throws IOException {
    OutputStream stream = to.out();
    stream.write(ExecFrame.bytes(frame));
    stream.flush();
  }

  /// Sends if there is a line; what is not sent now is sent with the next one.
  private synchronized void tell(ExecFrame frame) {
    ExecLine to = line;
    if (to != null && !over) {
      try {
        write(to, frame);
      } catch (IOException e) {
        to.close(); // the reading thread finds another
      }
    }
  }

  public synchronized void resize(TerminalSize now) {
    size = now;
    tell(new ExecFrame.Resize(now));
  }

  /// Sends a signal to the command; lost where there is no connection now.
  public void signal(int number) {
    tell(new ExecFrame.Signal(number));
  }

  private void pump(InputStream from) {
    byte[] buffer = new byte[ExecFrame.PIECE];
    try {
      while (true) {
        int n;
        try {
          n = from.read(buffer);
        } catch (IOException e) {
          n = -1;
        }
        synchronized (this) {
          while (!over && n > 0 && inputEnd + n - keptFrom > ExecFrame.WINDOW) {
            wait();
          }
          if (over) {
            return;
          }
          if (n < 0) {
            inputEnds = true;
            tell(new ExecFrame.NoMore(inputEnd));
            return;
          }
          byte[] piece = Arrays.copyOf(buffer, n);
          kept.add(piece);
          long at = inputEnd;
          inputEnd += n;
          tell(new ExecFrame.Input(at, piece));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void keepAlive() {
    try {
      while (true) {
        Thread.sleep(PING);
        if (System.nanoTime() - heard > SILENCE.toNanos()) {
          synchronized (this) {
            if (dialled != null) {
              dialled.close();
            }
          }
        } else {
          tell(new ExecFrame.Ping());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
