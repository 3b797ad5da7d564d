package io.atoll.daemon.hub;

import io.atoll.core.error.AtollException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells of what can happen often, such as refusals, so that a flood fills no disk: the first of a
/// kind is told at once, those that follow within a minute in one entry at its end, and kinds
/// beyond a number together.
final class RepeatedEntries implements AutoCloseable {
  /// Where an entry goes.
  interface Telling {
    void tell(Caller who, String action, String object, String outcome, long times)
        throws InterruptedException;
  }

  static final Duration WINDOW = Duration.ofMinutes(1);
  static final int MOST_KINDS = 32;

  private static final Logger log = LoggerFactory.getLogger(RepeatedEntries.class);
  private static final Caller OTHERS = new Caller("others");
  private static final Duration PAUSE = Duration.ofMillis(500);

  private record Kind(Caller who, String action, String outcome) {}

  /// Guarded by the owner's lock.
  private static final class Window {
    final long since = System.nanoTime();
    long more;
    String object;

    Window(String object) {
      this.object = object;
    }
  }

  private final Telling telling;
  private final Duration window;
  private final Thread thread;
  private final Map<Kind, Window> windows = new LinkedHashMap<>(); // guarded by this

  RepeatedEntries(Telling telling, Duration window) {
    this.telling = telling;
    this.window = window;
    this.thread = Thread.ofVirtual().name("repeated entries").start(this::watch);
  }

  void add(Caller who, String action, String object, String outcome) throws InterruptedException {
    Kind kind = new Kind(who, action, outcome);
    synchronized (this) {
      if (!windows.containsKey(kind) && windows.size() >= MOST_KINDS) {
        kind = new Kind(OTHERS, "many", outcome);
      }
      Window open = windows.get(kind);
      if (open != null) {
        open.more++;
        open.object = object;
        return;
      }
      windows.put(kind, new Window(object));
    }
    tell(kind, object, 1);
  }

  private void tell(Kind kind, String object, long times) throws InterruptedException {
    try {
      telling.tell(kind.who(), kind.action(), object, kind.outcome(), times);
    } catch (AtollException e) {
      log.warn("not on record: {} {}: {}", kind.who(), kind.action(), e.text());
    }
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(PAUSE);
        tellOlderThan(window);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tellOlderThan(Duration age) throws InterruptedException {
    List<Map.Entry<Kind, Window>> over = new ArrayList<>();
    synchronized (this) {
      Iterator<Map.Entry<Kind, Window>> all = windows.entrySet().iterator();
      while (all.hasNext()) {
        Map.Entry<Kind, Window> one = all.next();
        if (System.nanoTime() - one.getValue().since >= age.toNanos()) {
          over.add(one);
          all.remove();
        }
      }
    }
    for (Map.Entry<Kind, Window> one : over) {
      if (one.getValue().more > 0) {
        tell(one.getKey(), one.getValue().object, one.getValue().more);
      }
    }
  }

  /// Tells what was not told yet.
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
      tellOlderThan(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
