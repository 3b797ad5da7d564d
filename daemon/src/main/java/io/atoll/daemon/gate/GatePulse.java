package io.atoll.daemon.gate;

import io.atoll.core.websocket.WebSocketLine;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Asks the callers of all open WebSockets for a sign of life, and gives up those from whom none
/// comes. It has a thread while there are any.
public final class GatePulse {
  private final Map<WebSocketLine, Runnable> lines = new ConcurrentHashMap<>();
  private final Duration each;
  private final Duration silence;
  private @Nullable Thread thread; // under the lock of this object

  /// @param each how often they are asked
  /// @param silence how long none may come
  public GatePulse(Duration each, Duration silence) {
    this.each = each;
    this.silence = silence;
  }

  /// Every 20 seconds, and given up after 60.
  public static GatePulse usual() {
    return new GatePulse(Duration.ofSeconds(20), Duration.ofSeconds(60));
  }

  /// Closed when the conversation is over.
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /// @param giveUp ends the conversation
  public Watch watch(WebSocketLine line, Runnable giveUp) {
    lines.put(line, giveUp);
    synchronized (this) {
      if (thread == null) {
        thread = Thread.ofVirtual().name("gate pulse").start(this::run);
      }
    }
    return () -> lines.remove(line);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(each);
        synchronized (this) {
          if (lines.isEmpty()) {
            thread = null;
            return;
          }
        }
        lines.forEach(this::look);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(WebSocketLine line, Runnable giveUp) {
    if (line.silence() > silence.toNanos()) {
      giveUp.run();
      return;
    }
    // It waits where the caller reads nothing, and nobody else is to wait for that.
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                line.ping();
              } catch (IOException away) {
                giveUp.run();
              }
            });
  }

  /// How many conversations are open.
  public int count() {
    return lines.size();
  }
}
