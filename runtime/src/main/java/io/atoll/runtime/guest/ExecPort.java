package io.atoll.runtime.guest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.atoll.core.os.UnixListener;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One connection to the multiplexer in a guest. One virtual thread reads, one writes; whoever
/// sends never waits for the guest, which may be hostile or stand still. What breaks breaks for
/// good, with all lines: a new connection is another object.
final class ExecPort implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();

  /// What may wait for the guest to read it; sessions bound what they are sent far below.
  private static final int MOST = 4 << 20;

  /// QEMU serves one connection at a time: who has no line gives it up soon, so that a daemon that
  /// comes back does not wait for it.
  private static final Duration IDLE = Duration.ofSeconds(1);

  private static final int PIECE = GuestFrame.LONGEST_BODY - 4;

  private final ByteChannel channel;
  private final long nonce;

  // guarded by this
  private final ArrayDeque<ByteBuffer> due = new ArrayDeque<>();
  private long dueBytes;
  private final Map<Integer, PortLine> lines = new HashMap<>();
  private final Map<String, ExecMessage.Begun> answers = new HashMap<>();
  private int nextLine = 1;
  private int beginning;
  private long used = System.nanoTime();
  private boolean welcome;
  private @Nullable IOException broken;

  /// @param nonce tells answers to us from answers to an earlier host
  ExecPort(ByteChannel channel, long nonce) {
    this.channel = channel;
    this.nonce = nonce;
  }

  /// Connects, introduces itself and waits for the guest to answer.
  ///
  /// @throws IOException also if it does not answer in time
  static ExecPort open(Path socket, long nanos) throws IOException, InterruptedException {
    ExecPort port = new ExecPort(UnixListener.connect(socket), RANDOM.nextLong());
    Thread.ofVirtual().name("guest sessions").start(port::read);
    Thread.ofVirtual().name("to guest sessions").start(port::write);
    try {
      port.greet(nanos);
    } catch (IOException | InterruptedException e) {
      port.close();
      throw e;
    }
    return port;
  }

  private synchronized void greet(long nanos) throws IOException, InterruptedException {
    // Completes whatever an earlier host left unfinished.
    enqueue(ByteBuffer.allocate(GuestFrame.HEAD + GuestFrame.LONGEST_BODY));
    send(ExecMessage.HELLO, 8, body -> body.putLong(nonce));
    long until = System.nanoTime() + nanos;
    while (!welcome) {
      wait(left(until));
    }
  }

  /// Milliseconds until then; called with the monitor held, before waiting.
  private long left(long until) throws IOException {
    if (broken != null) {
      throw new IOException(broken.getMessage(), broken);
    }
    long millis = (until - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new IOException("the guest did not answer in time");
    }
    return millis;
  }

  /// One beginning at a time: the guest has one place for words.
  ///
  /// @param words a session's spec without its end
  synchronized ExecMessage.Begun begin(String id, byte[] words, long nanos)
      throws IOException, InterruptedException {
    answers.remove(id);
    for (int at = 0; at < words.length; at += PIECE) {
      int length = Math.min(PIECE, words.length - at);
      int from = at;
      send(ExecMessage.WORDS, 4 + length, body -> body.putInt(from).put(words, from, length));
    }
    byte[] name = id.getBytes(US_ASCII);
    send(ExecMessage.BEGIN, 4 + name.length, body -> body.putInt(words.length).put(name));
    long until = System.nanoTime() + nanos;
    beginning++;
    try {
      while (true) {
        ExecMessage.Begun answer = answers.remove(id);
        if (answer != null) {
          return answer;
        }
        wait(left(until));
      }
    } finally {
      beginning--;
      used = System.nanoTime();
    }
  }

  /// A new line to a session.
  ///
  /// @return null if there is no such session any more
  @Nullable PortLine attach(String id, long nanos) throws IOException, InterruptedException {
    PortLine line;
    synchronized (this) {
      line = newLine();
      byte[] name = id.getBytes(US_ASCII);
      int number = line.number();
      send(ExecMessage.ATTACH, 4 + name.length, body -> body.putInt(number).put(name));
    }
    ExecMessage.Why why;
    try {
      why = line.awaitOpen(nanos);
    } catch (IOException | InterruptedException e) {
      line.close();
      throw e;
    }
    if (why == null) {
      return line;
    }
    return switch (why) {
      case NO_SESSION, BY_SESSION -> null;
      case OVERRUN, NO_ROOM -> throw new IOException("the guest has no room for one more line");
    };
  }

  synchronized PortLine newLine() {
    PortLine line = new PortLine(nextLine++, this);
    lines.put(line.number(), line);
    return line;
  }

  void data(int line, byte[] from, int at, int length) throws IOException {
    for (int done = 0; done < length; ) {
      int n = Math.min(PIECE, length - done);
      int begin = at + done;
      send(ExecMessage.DATA, 4 + n, body -> body.putInt(line).put(from, begin, n));
      done += n;
    }
  }

  /// No effect on one that is closed.
  synchronized void closeLine(int line) {
    if (lines.remove(line) != null) {
      used = System.nanoTime();
      try {
        send(ExecMessage.CLOSE, 4, body -> body.putInt(line));
      } catch (IOException e) {
        // Broken: the guest closes it when the next host comes.
      }
      notifyAll();
    }
  }

  synchronized boolean isOpen() {
    return broken == null;
  }

  synchronized boolean hasLines() {
    return !lines.isEmpty();
  }

  /// Waits until no session has anything to say to anybody, or the time is over.
  synchronized void awaitNoLines(long nanos) throws InterruptedException {
    long until = System.nanoTime() + nanos;
    while (!lines.isEmpty() && broken == null) {
      long millis = (until - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        return;
      }
      wait(millis);
    }
  }

  // ---- towards the guest

  private interface Fill {
    void into(ByteBuffer body);
  }

  private void send(int type, int size, Fill fill) throws IOException {
    byte[] body = new byte[size];
    fill.into(ByteBuffer.wrap(body));
    enqueue(GuestFrame.encode(type, body));
  }

  private synchronized void enqueue(ByteBuffer bytes) throws IOException {
    if (broken != null) {
      throw new IOException(broken.getMessage(), broken);
    }
    if (dueBytes + bytes.remaining() > MOST) {
      throw new IOException("the guest does not read what it is sent");
    }
    due.add(bytes);
    dueBytes += bytes.remaining();
    notifyAll();
  }

  /// Called with the monitor held.
  private boolean idle() {
    return welcome
        && lines.isEmpty()
        && beginning == 0
        && System.nanoTime() - used >= IDLE.toNanos();
  }

  private void write() {
    try {
      while (true) {
        ByteBuffer next;
        synchronized (this) {
          while (due.isEmpty() && broken == null && !idle()) {
            wait(IDLE.toMillis());
          }
          if (broken == null && due.isEmpty()) {
            broken = new IOException("the port into the guest was not used");
          }
          if (broken != null) {
            break;
          }
          next = due.remove();
          dueBytes -= next.remaining();
        }
        while (next.hasRemaining()) {
          channel.write(next);
        }
      }
      close();
    } catch (IOException e) {
      breakOff(e);
    } catch (InterruptedException e) {
      breakOff(new IOException(e));
    }
  }

  // ---- from the guest

  /// Until the connection ends, however it does.
  void read() {
    GuestFrames frames = new GuestFrames(channel);
    try {
      while (true) {
        GuestFrame frame = frames.next();
        if (frame == null) {
          throw new EOFException("QEMU closed the guest's port");
        }
        ExecMessage message = ExecMessage.of(frame).orElse(null);
        if (message != null) {
          take(message);
        }
      }
    } catch (IOException e) {
      breakOff(e);
    }
  }

  /// What comes before the welcome is of an earlier host's time.
  private synchronized void take(ExecMessage message) {
    if (message instanceof ExecMessage.Welcome(long said)) {
      if (said == nonce) {
        welcome = true;
        used = System.nanoTime();
      }
    } else if (welcome) {
      switch (message) {
        case ExecMessage.Begun begun -> {
          if (answers.size() < 64) {
            answers.put(begun.id(), begun);
          }
        }
        case ExecMessage.Opened(int number) -> {
          PortLine line = lines.get(number);
          if (line != null) {
            line.opened();
          }
        }
        case ExecMessage.Said(int number, byte[] data) -> {
          PortLine line = lines.get(number);
          if (line != null && !line.said(data)) {
            // Its reader is too slow; the session keeps what was not acknowledged.
            line.broken(new IOException("more came than was read"));
            closeLine(number);
          }
        }
        case ExecMessage.Closed(int number, ExecMessage.Why why) -> {
          PortLine line = lines.remove(number);
          used = System.nanoTime();
          if (line != null) {
            line.ended(why);
          }
        }
        case ExecMessage.Welcome _ -> {}
      }
    }
    notifyAll();
  }

  private void breakOff(IOException why) {
    List<PortLine> left;
    synchronized (this) {
      if (broken == null) {
        broken = why;
      }
      left = List.copyOf(lines.values());
      lines.clear();
      due.clear();
      notifyAll();
    }
    for (PortLine line : left) {
      line.broken(why);
    }
    try {
      channel.close();
    } catch (IOException e) {
      // It is not used any more, however it ended.
    }
  }

  @Override
  public void close() {
    breakOff(new IOException("the port into the guest was closed"));
  }
}
