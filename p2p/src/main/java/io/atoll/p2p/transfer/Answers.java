package io.atoll.p2p.transfer;

import io.atoll.p2p.host.Stream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the receiver says, read while the sender sends.
final class Answers implements AutoCloseable {
  /// @param message null where the stream broke
  private record Answer(@Nullable Message message, @Nullable IOException broken) {}

  private static final int MOST_WAITING = 8;

  private final BlockingQueue<Answer> queue = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread thread;

  Answers(Wire wire, Stream stream) {
    thread = Thread.ofVirtual().name("answers of " + stream.remote()).start(() -> read(wire));
  }

  private void read(Wire wire) {
    try {
      try {
        while (true) {
          Message message = wire.read();
          queue.put(new Answer(message, null));
          if (message instanceof Message.Data) {
            return; // no receiver says that, and its bytes are not messages
          }
        }
      } catch (IOException e) {
        queue.put(new Answer(null, e));
      }
    } catch (InterruptedException e) {
      // nobody listens any more
    }
  }

  boolean waiting() {
    return !queue.isEmpty();
  }

  Message next() throws IOException, InterruptedException {
    return message(queue.take());
  }

  Message next(Duration patience) throws IOException, InterruptedException {
    Answer answer = queue.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (answer == null) {
      throw new IOException("no answer to the offer in " + patience.toSeconds() + " s");
    }
    return message(answer);
  }

  private static Message message(Answer answer) throws IOException {
    Message message = answer.message();
    if (message == null) {
      throw new IOException("the stream to the receiver was lost", answer.broken());
    }
    return message;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
