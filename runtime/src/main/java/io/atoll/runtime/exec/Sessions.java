package io.atoll.runtime.exec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.exec.TerminalSize;
import io.atoll.core.os.Children;
import io.atoll.core.os.Spawner;
import io.atoll.core.os.UnixListener;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.ExecOrder;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The sessions of one run.
public final class Sessions {
  private static final int MOST = 16;
  private static final int SOCKET = 3;
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private final Path folder;
  private final Path supervisor;

  /// @param run the run's folder
  /// @param supervisor the program that keeps a session
  public Sessions(Path run, Path supervisor) {
    this.folder = run.resolve("exec");
    this.supervisor = supervisor;
  }

  /// The words that a session has in its spec wherever it runs, without program, variables and
  /// `end=`.
  public static ByteArrayOutputStream spec(ExecSpec exec) {
    ByteArrayOutputStream spec = new ByteArrayOutputStream();
    word(spec, "atoll-spec=1");
    TerminalSize terminal = exec.terminal();
    if (terminal != null) {
      word(spec, "tty=" + terminal.rows() + "x" + terminal.columns());
    }
    files(exec.order()).ifPresent(order -> word(spec, "files=" + order));
    return spec;
  }

  /// What the supervisor is to do with files, in its own words; empty for a command.
  public static Optional<String> files(ExecOrder order) {
    return switch (order) {
      case ExecOrder.Command _ -> Optional.empty();
      case ExecOrder.Pack(String path) -> Optional.of("pack:" + path);
      case ExecOrder.Unpack(String target) -> Optional.of("unpack:" + target);
    };
  }

  /// @throws IllegalArgumentException if it holds a zero byte
  public static void word(ByteArrayOutputStream spec, String word) {
    if (word.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a word with a zero byte can be passed to no program");
    }
    spec.writeBytes(word.getBytes(UTF_8));
    spec.write(0);
  }

  /// Begins one.
  public ExecSession begin(String id, ByteArrayOutputStream spec) throws DriverException {
    Path place = folder.resolve(id);
    try {
      Files.createDirectories(folder);
      sweep();
      Files.createDirectory(
          place,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      word(spec, "end=");
      Files.write(place.resolve("spec"), spec.toByteArray());
      int pid;
      try (UnixListener listener = UnixListener.bind(place.resolve("sock"), 4)) {
        pid =
            Spawner.spawn(
                supervisor, List.of("--session", place.toString()), listener.descriptor(), SOCKET);
      }
      Thread.ofVirtual().name("session " + id).start(() -> reap(pid));
      return () -> attach(id, place);
    } catch (FileAlreadyExistsException e) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "session " + id + " was begun before",
          "attach to it, or begin one with another id",
          e);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "no command could be begun in " + place + ": " + e.getMessage(),
          "see the disk, and that " + supervisor + " is the supervisor for this machine",
          e);
    }
  }

  private static void reap(int pid) {
    try {
      while (!Children.reap(pid)) {
        Thread.sleep(250);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  /// Forgets those that ended long ago, and counts the others.
  private void sweep() throws IOException, DriverException {
    int live = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path one : all) {
        try (SocketChannel _ = UnixListener.connect(one.resolve("sock"))) {
          live++;
        } catch (IOException ended) {
          Instant begun = Files.getLastModifiedTime(one).toInstant();
          if (begun.isBefore(Instant.now().minus(REMEMBERED))) {
            delete(one);
          }
        }
      }
    } catch (NoSuchFileException e) {
      return; // another sweep was faster
    }
    if (live >= MOST) {
      throw new DriverException(
          ErrorCode.TOO_MANY_REQUESTS,
          live + " commands run beside this payload already",
          "end one of them first");
    }
  }

  private static void delete(Path one) throws IOException {
    Files.deleteIfExists(one.resolve("sock"));
    Files.deleteIfExists(one.resolve("spec"));
    Files.deleteIfExists(one);
  }

  /// Removes what is on disk of all sessions of a run that has ended.
  public static void forget(Path run) throws IOException {
    Path folder = run.resolve("exec");
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
        for (Path one : all) {
          delete(one);
        }
      }
      Files.deleteIfExists(folder);
    }
  }

  public Optional<ExecSession> find(String id) {
    ExecSpec.checkId(id);
    Path place = folder.resolve(id);
    return Files.isDirectory(place) ? Optional.of(() -> attach(id, place)) : Optional.empty();
  }

  private static ExecLine attach(String id, Path place) throws DriverException {
    try {
      return new ChannelLine(UnixListener.connect(place.resolve("sock")));
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.GONE, "session " + id + " has ended", "begin a new one", e);
    }
  }
}
