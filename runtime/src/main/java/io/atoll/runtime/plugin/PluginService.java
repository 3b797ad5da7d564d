package io.atoll.runtime.plugin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.driver.DriverException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one connection that the daemon has to a runtime, made again whenever it is gone. Where
/// nobody
/// listens the program is started; one that ends early or does not answer is tried again after a
/// pause that doubles, and meanwhile everybody is told why at once.
final class PluginService implements AutoCloseable {
  static final Duration HELLO = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /// A connection that held so long makes the next pause the first again.
  private static final Duration PROVEN = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(PluginService.class);

  /// A connection, and who is at its other end.
  record Connected(PluginLink link, PluginHello hello) {}

  private final PluginSettings settings;
  private final PluginProgram program;
  private final PluginLink.Listener listener;
  private final ReentrantLock lock = new ReentrantLock();

  // guarded by lock
  private Duration pause = FIRST_PAUSE;
  private long notBefore = System.nanoTime();
  private long madeAt;
  private boolean counted = true;
  private @Nullable DriverException trouble;

  private volatile @Nullable Connected connected;
  private volatile boolean closed;

  PluginService(PluginSettings settings, PluginLink.Listener listener) {
    this.settings = settings;
    this.listener = listener;
    this.program = new PluginProgram(settings);
  }

  /// The connection; made if there is none.
  ///
  /// @param patience how long to wait where it was tried without success a moment ago
  /// @throws DriverException DRIVER_UNAVAILABLE or VERSION_MISMATCH, with what went wrong last
  Connected connected(Duration patience) throws DriverException, InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (true) {
      Connected known = connected;
      if (known != null && !known.link().isOver()) {
        return known;
      }
      if (!lock.tryLock(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        throw unavailable("it is being connected to", null);
      }
      long wait;
      try {
        known = connected;
        if (known != null && !known.link().isOver()) {
          return known;
        }
        settle();
        wait = notBefore - System.nanoTime();
        if (wait <= 0) {
          return connect();
        }
      } catch (DriverException e) {
        if (System.nanoTime() >= until || e.code() == ErrorCode.VERSION_MISMATCH) {
          throw e;
        }
        continue;
      } finally {
        lock.unlock();
      }
      if (System.nanoTime() + wait > until) {
        DriverException last = trouble;
        throw last != null ? last : unavailable("it has ended a moment ago", null);
      }
      TimeUnit.NANOSECONDS.sleep(wait);
    }
  }

  /// A connection that ended soon counts as a failure. Called with the lock held.
  private void settle() {
    Connected last = connected;
    if (last == null || counted) {
      return;
    }
    counted = true;
    if (System.nanoTime() - madeAt > PROVEN.toNanos()) {
      pause = FIRST_PAUSE;
      notBefore = System.nanoTime();
    } else {
      postpone(unavailable(last.link().why(), null));
    }
    program.reap();
  }

  private void postpone(DriverException why) {
    trouble = why;
    notBefore = System.nanoTime() + pause.toNanos();
    Duration next = pause.multipliedBy(2);
    pause = next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE;
  }

  /// Called with the lock held.
  private Connected connect() throws DriverException, InterruptedException {
    PluginLink link = null;
    try {
      if (closed) {
        throw unavailable("the daemon is ending", null);
      }
      link = new PluginLink(settings.name(), channel(), listener);
      link.begin();
      Connected made = new Connected(link, hello(link));
      connected = made;
      madeAt = System.nanoTime();
      counted = false;
      trouble = null;
      log.info("runtime {} is {}", settings.name(), made.hello().program());
      return made;
    } catch (IOException e) {
      DriverException why = unavailable(String.valueOf(e.getMessage()), e);
      postpone(why);
      throw why;
    } catch (DriverException e) {
      DriverException why = e.code() == ErrorCode.VERSION_MISMATCH ? e : unavailable(e.text(), e);
      postpone(why);
      throw why;
    } finally {
      Connected made = connected;
      if (link != null && (made == null || made.link() != link)) {
        link.close();
      }
    }
  }

  private SocketChannel channel() throws IOException {
    try {
      return program.connect();
    } catch (IOException nobody) {
      program.start();
      log.info("started runtime {}: {}", settings.name(), settings.program());
      return program.connect();
    }
  }

  /// Whether it answers now.
  boolean answers() throws InterruptedException {
    try {
      PluginLink link = connected(Duration.ofSeconds(1)).link();
      try {
        var _ = hello(link);
        return true;
      } catch (DriverException e) {
        link.end(e.text());
        throw e;
      }
    } catch (DriverException e) {
      log.debug("{}", e.text());
      return false;
    }
  }

  private PluginHello hello(PluginLink link) throws DriverException, InterruptedException {
    ObjectNode params = PluginLink.params().put("driver", settings.name());
    ArrayNode versions = params.putArray("versions");
    versions.add(PluginHello.VERSION);
    PluginHello[] hello = new PluginHello[1];
    long[] version = new long[1];
    link.call(
        "hello",
        params,
        HELLO,
        result -> {
          version[0] = PluginField.number(result, "protocol", 0, PluginField.MOST);
          if (version[0] == PluginHello.VERSION) {
            hello[0] = PluginHello.of(result);
          }
        });
    if (version[0] != PluginHello.VERSION) {
      throw new DriverException(
          ErrorCode.VERSION_MISMATCH,
          "runtime "
              + settings.name()
              + " speaks version "
              + version[0]
              + " of the protocol, and this daemon version "
              + PluginHello.VERSION,
          "install a version of "
              + settings.program()
              + " that speaks it, and end the one that runs");
    }
    return hello[0];
  }

  private DriverException unavailable(String what, @Nullable Throwable cause) {
    return new DriverException(
        ErrorCode.DRIVER_UNAVAILABLE,
        "runtime " + settings.name() + " is not available: " + what,
        "its log is " + settings.log() + "; it is tried again",
        cause);
  }

  /// Who is there now; null if nobody is.
  @Nullable Connected now() {
    Connected known = connected;
    return known != null && !known.link().isOver() ? known : null;
  }

  /// A connection of its own, on which nothing was said yet.
  SocketChannel another() throws IOException {
    return program.connect();
  }

  void endProgram() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      program.end();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    Connected known = connected;
    if (known != null) {
      known.link().close();
    }
  }
}
