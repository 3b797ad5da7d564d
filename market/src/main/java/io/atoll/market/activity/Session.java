package io.atoll.market.activity;

import io.atoll.core.identity.PeerId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// One end of the long stream between a hub and a provider: whoever decides hands messages over
/// without waiting; a thread of the session writes them, in order, several with one flush.
///
/// @param <I> the sealed family of messages that come in
/// @param <O> the family that goes out
public final class Session<I, O> implements AutoCloseable {
  /// A peer that leaves so many messages unread is cut off.
  private static final int MAX_WAITING = 100_000;

  private static final int MAX_BATCH = 256;

  private final MessageStream<I, O> stream;
  private final BlockingQueue<O> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
  private volatile boolean closed;
  private volatile boolean refused;

  public Session(MessageStream<I, O> stream) {
    this.stream = stream;
  }

  public PeerId remote() {
    return stream.remote();
  }

  /// Hands a message over; it is lost if the session ends before it is written.
  public void send(O message) {
    if (!waiting.offer(message)) {
      close();
    }
  }

  /// Passes messages to `receive` until the peer closes or the connection is lost. To be called
  /// once.
  ///
  /// @throws IOException if the session ended otherwise than by the peer's or our own close
  public void run(Consumer<I> receive) throws IOException {
    Thread writer = Thread.ofVirtual().name("session writer " + remote()).start(this::write);
    try {
      for (Optional<I> message = stream.receive();
          message.isPresent();
          message = stream.receive()) {
        receive.accept(message.get());
      }
    } catch (IOException e) {
      if (!closed) {
        throw e;
      }
    } finally {
      close();
      writer.interrupt();
    }
  }

  /// Tells the peer why there is no session, and ends it.
  public void refuse(O reason) throws IOException {
    refused = true; // a reset would overtake the reason
    stream.send(reason);
    stream.close();
    closed = true;
  }

  private void write() {
    List<O> batch = new ArrayList<>();
    try {
      while (!closed) {
        batch.add(waiting.take());
        waiting.drainTo(batch, MAX_BATCH - 1);
        stream.send(batch);
        batch.clear();
      }
    } catch (IOException e) {
      close(); // the reader sees the same end and tells why
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Ends the session in both directions.
  @Override
  public void close() {
    closed = true;
    if (!refused) {
      stream.reset();
    }
  }
}
