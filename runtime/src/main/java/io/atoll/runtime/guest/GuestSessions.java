package io.atoll.runtime.guest;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecLine;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.exec.Sessions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The sessions inside one guest, as this daemon sees them. They are in the guest; here is only the
/// mark `<run>/exec/<id>`, made before one begins, so that none begins twice. The port is opened at
/// first use and again when it broke.
public final class GuestSessions {
  private static final Duration ANSWER = Duration.ofSeconds(20);

  /// From a port that breaks to the end of its guest, if that is why.
  private static final Duration ENDING = Duration.ofSeconds(10);

  /// What the guest has room for.
  private static final int LONGEST_SPEC = 512 << 10;

  private final String guest;
  private final Path run;
  private final Path socket;
  private final ReentrantLock opening = new ReentrantLock();
  private volatile @Nullable ExecPort port; // written with the lock held
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /// @param guest names it in errors
  /// @param run the run's folder
  /// @param socket where QEMU listens for whoever talks to the port
  public GuestSessions(String guest, Path run, Path socket) {
    this.guest = guest;
    this.run = run;
    this.socket = socket;
  }

  private Path mark(String id) {
    return run.resolve("exec").resolve(id);
  }

  /// Begins a command; the guest adds who it is there.
  public ExecSession begin(ExecSpec exec) throws DriverException, InterruptedException {
    byte[] words = words(exec);
    Path mark = mark(exec.id());
    try {
      Files.createDirectories(mark.getParent());
      Files.createDirectory(mark);
    } catch (FileAlreadyExistsException e) {
      throw before(exec.id());
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "no command could be noted in " + mark + ": " + e.getMessage(),
          "see that disk",
          e);
    }
    ExecMessage.Begun answer;
    try {
      answer = begin(exec.id(), words);
    } catch (NobodyThere e) {
      forget(mark);
      throw silent(e);
    } catch (IOException e) {
      throw silent(e); // it may have begun: the mark stays
    }
    switch (answer.how()) {
      case BEGUN -> {}
      case BEFORE -> throw before(exec.id());
      case TOO_MANY -> {
        forget(mark);
        throw new DriverException(
            ErrorCode.TOO_MANY_REQUESTS,
            "there are as many commands in " + guest + " already as it keeps",
            "end one of them first");
      }
      case FAILED -> {
        forget(mark);
        throw new DriverException(
            ErrorCode.START_FAILED,
            guest + " could not begin the command: " + answer.text(),
            "see whether it has memory left");
      }
    }
    return () -> attach(exec.id());
  }

  /// The guest has heard nothing.
  private static final class NobodyThere extends IOException {
    private static final long serialVersionUID = 1;

    NobodyThere(IOException why) {
      super(why.getMessage(), why);
    }
  }

  /// A port may have been given up just when it was to be used again. Whoever began this session
  /// before the second try was the first: nobody else has its mark.
  private ExecMessage.Begun begin(String id, byte[] words)
      throws IOException, InterruptedException {
    ExecPort first;
    try {
      first = open();
    } catch (IOException e) {
      throw new NobodyThere(e);
    }
    try {
      return first.begin(id, words, ANSWER.toNanos());
    } catch (IOException e) {
      if (first.isOpen()) {
        throw e;
      }
      ExecMessage.Begun second = open().begin(id, words, ANSWER.toNanos());
      return second.how() == ExecMessage.How.BEFORE
          ? new ExecMessage.Begun(ExecMessage.How.BEGUN, id, "")
          : second;
    }
  }

  private static byte[] words(ExecSpec exec) throws DriverException {
    ByteArrayOutputStream spec = Sessions.spec(exec);
    try {
      exec.command().forEach(word -> Sessions.word(spec, "arg=" + word));
      exec.env().forEach((name, value) -> Sessions.word(spec, "env=" + name + "=" + value));
    } catch (IllegalArgumentException e) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()), "leave it out", e);
    }
    if (spec.size() > LONGEST_SPEC) {
      throw new DriverException(
          ErrorCode.TOO_LARGE,
          "a command and its variables of " + spec.size() + " bytes are too long",
          "put them into a file");
    }
    return spec.toByteArray();
  }

  private static DriverException before(String id) {
    return new DriverException(
        ErrorCode.CONFLICT,
        "session " + id + " was begun before",
        "attach to it, or begin one with another id");
  }

  private DriverException silent(IOException why) {
    return new DriverException(
        ErrorCode.UNREACHABLE,
        guest + " does not answer those who ask for commands: " + why.getMessage(),
        "it may be booting still, be suspended or have no time; ask again in a moment",
        why);
  }

  private static void forget(Path mark) {
    try {
      Files.deleteIfExists(mark);
    } catch (IOException e) {
      // That id cannot be used again, which nobody wants to.
    }
  }

  public Optional<ExecSession> find(String id) {
    ExecSpec.checkId(id);
    return Files.isDirectory(mark(id)) ? Optional.of(() -> attach(id)) : Optional.empty();
  }

  private ExecLine attach(String id) throws DriverException {
    try {
      if (ended.getCount() > 0) {
        try {
          return attached(id);
        } catch (IOException e) {
          if (closed || !ended.await(ENDING.toMillis(), TimeUnit.MILLISECONDS)) {
            throw silent(e);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw silent(new IOException("interrupted", e));
    }
    if (told.contains(id)) {
      throw gone(id);
    }
    return new EndedLine();
  }

  private ExecLine attached(String id) throws DriverException, IOException, InterruptedException {
    ExecPort first = open();
    PortLine line;
    try {
      line = first.attach(id, ANSWER.toNanos());
    } catch (IOException e) {
      if (first.isOpen()) {
        throw e;
      }
      line = open().attach(id, ANSWER.toNanos());
    }
    if (line == null) {
      told.add(id);
      throw gone(id);
    }
    return line;
  }

  private static DriverException gone(String id) {
    return new DriverException(ErrorCode.GONE, "session " + id + " has ended", "begin a new one");
  }

  private ExecPort open() throws IOException, InterruptedException {
    ExecPort now = port;
    if (now != null && now.isOpen()) {
      return now;
    }
    opening.lockInterruptibly();
    try {
      now = port;
      if (now == null || !now.isOpen()) {
        if (closed) {
          throw new IOException("nobody asks it any more");
        }
        now = ExecPort.open(socket, ANSWER.toNanos());
        port = now;
        if (closed) {
          now.close();
        }
      }
      return now;
    } finally {
      opening.unlock();
    }
  }

  /// Whether somebody is connected to a command.
  public boolean busy() {
    ExecPort now = port;
    return now != null && now.hasLines();
  }

  /// Waits for commands that just ended with their guest to tell their ends, or until the time is
  /// over.
  public void awaitQuiet(Duration atMost) throws InterruptedException {
    ExecPort now = port;
    if (now != null) {
      now.awaitNoLines(atMost.toNanos());
    }
  }

  /// The guest has ended, and every command with it: whoever asks for one is told so.
  public void ended() {
    ended.countDown();
    ExecPort now = port;
    if (now != null) {
      now.close();
    }
  }

  /// Closes all lines; sessions stay with their guest.
  public void close() {
    closed = true;
    ExecPort now = port;
    if (now != null) {
      now.close();
    }
  }
}
