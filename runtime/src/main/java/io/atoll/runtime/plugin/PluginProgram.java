package io.atoll.runtime.plugin;

import io.atoll.core.os.Children;
import io.atoll.core.os.Native;
import io.atoll.core.os.Spawner;
import io.atoll.core.os.UnixListener;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The program of a runtime: connecting to it, and starting it where it does not run. It listens at
/// `sock` in its folder, on a descriptor that the daemon made and handed over, so that connecting
/// cannot be too early. For one thread at a time.
final class PluginProgram {
  private static final int SOCKET = 3;
  private static final int BACKLOG = 64;
  private static final long LONGEST_LOG = 1 << 20;

  /// What a program gets of the daemon's environment is nothing; this is what it has.
  private static final String BEGIN =
      "exec </dev/null >>\"$2/log\" 2>&1;"
          + " export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8"
          + " HOME=\"$2\"; exec \"$1\" serve \"$2\"";

  private static final int SIGTERM = 15;
  private static final Logger log = LoggerFactory.getLogger(PluginProgram.class);

  private final PluginSettings settings;
  private int started;

  PluginProgram(PluginSettings settings) {
    this.settings = settings;
  }

  /// @throws IOException if nobody listens
  SocketChannel connect() throws IOException {
    return UnixListener.connect(settings.socket());
  }

  /// Starts it; one that ran before has ended.
  void start() throws IOException {
    reap();
    if (!Native.linux()) {
      throw new IOException("on this system the daemon cannot start it; start it by hand");
    }
    Path program = settings.program();
    if (!Files.isRegularFile(program)) {
      throw new IOException("there is no program " + program);
    }
    if (!Files.isExecutable(program)) {
      throw new IOException(program + " is not executable");
    }
    Path folder = settings.folder();
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    if (Files.exists(settings.log()) && Files.size(settings.log()) > LONGEST_LOG) {
      Files.move(settings.log(), folder.resolve("log.old"), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.deleteIfExists(settings.socket());
    try (UnixListener listener = UnixListener.bind(settings.socket(), BACKLOG)) {
      started =
          Spawner.spawn(
              Path.of("/bin/sh"),
              List.of(
                  "-c",
                  BEGIN,
                  settings.name(),
                  program.toAbsolutePath().toString(),
                  folder.toAbsolutePath().toString()),
              listener.descriptor(),
              SOCKET);
    }
    Path unseen = folder.resolve("pid.new"); // so that nobody reads half of it
    Files.writeString(unseen, started + "\n");
    Files.move(unseen, settings.pid(), StandardCopyOption.ATOMIC_MOVE);
  }

  /// Ends what this object started.
  void end() throws InterruptedException {
    try {
      for (int tries = 0; started > 0; tries++) {
        boolean _ = Children.signal(started, tries < 20 ? SIGTERM : Children.SIGKILL);
        Thread.sleep(20);
        reap();
      }
    } catch (IOException e) {
      log.warn("cannot end {}: {}", settings.program(), e.toString());
    }
  }

  /// Takes it off the process table if it has ended.
  void reap() {
    if (started > 0 && Children.reap(started)) {
      started = 0;
    }
  }
}
