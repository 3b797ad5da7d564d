package io.atoll.runtime.docker;

import io.atoll.core.json.Json;
import io.atoll.core.term.Exit;
import io.atoll.runtime.exec.Sessions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The marks that this driver keeps in a run's folder, beside the output. The package's doc says in
/// which order they appear.
record RunFolder(Path path) {
  /// The engine was asked for a container; it may make one.
  private static final String CREATING = "creating";

  /// The start was asked for; it may have happened.
  private static final String STARTING = "starting";

  /// Somebody asked for the end.
  private static final String STOP = "stop";

  private static final String EXIT = "exit";

  boolean exists() {
    return Files.exists(path);
  }

  boolean creating() {
    return Files.exists(path.resolve(CREATING));
  }

  boolean starting() {
    return Files.exists(path.resolve(STARTING));
  }

  boolean stopAsked() {
    return Files.exists(path.resolve(STOP));
  }

  void markCreating() throws IOException {
    mark(CREATING);
  }

  void markStarting() throws IOException {
    mark(STARTING);
  }

  void markStop() throws IOException {
    mark(STOP);
  }

  private void mark(String name) throws IOException {
    Files.write(path.resolve(name), new byte[0]);
  }

  /// Returns once the exit is on the disk.
  void writeExit(Exit exit) throws IOException {
    Path draft = path.resolve(EXIT + ".new");
    try (FileChannel file =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(Json.bytes(exit));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.force(true);
    }
    Files.move(
        draft,
        path.resolve(EXIT),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    if (!System.getProperty("os.name", "").startsWith("Windows")) {
      try (FileChannel folder = FileChannel.open(path, StandardOpenOption.READ)) {
        folder.force(true);
      }
    }
  }

  /// Null while the end has not been seen.
  @Nullable Exit readExit() throws IOException {
    try {
      return Json.read(Files.readAllBytes(path.resolve(EXIT)), Exit.class);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /// Removes it with all that is in it, `exit` last: dying in the middle does not turn a run that
  /// ended into one that nobody saw. Safe to call twice.
  void delete() throws IOException {
    if (!exists()) {
      return;
    }
    Sessions.forget(path);
    ContainerCards.delete(path);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(path, file -> !file.endsWith(EXIT))) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(path.resolve(EXIT));
    Files.deleteIfExists(path);
  }
}
