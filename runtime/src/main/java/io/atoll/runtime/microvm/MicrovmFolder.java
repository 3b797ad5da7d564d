package io.atoll.runtime.microvm;

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
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The marks in a run's folder, beside the output.
record MicrovmFolder(Path path) {
  /// How and when a run ended, and what it had used.
  ///
  /// @param at null where nobody saw the end
  record End(Exit exit, @Nullable Instant at, long outputEnd, long cpuNanos, long memoryPeak) {}

  boolean exists() {
    return Files.isDirectory(path);
  }

  boolean began() {
    return Files.exists(path.resolve("began"));
  }

  void markBegan() throws IOException {
    mark("began");
  }

  boolean stopAsked() {
    return Files.exists(path.resolve("stop"));
  }

  void markStop() throws IOException {
    mark("stop");
  }

  private void mark(String name) throws IOException {
    Files.write(path.resolve(name), new byte[0]);
  }

  /// Null while nobody saw the end.
  @Nullable End readEnd() throws IOException {
    try {
      return Json.read(Files.readAllBytes(path.resolve("exit")), End.class);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /// Returns once it is on the disk.
  void writeEnd(End end) throws IOException {
    Path draft = path.resolve("exit.new");
    try (FileChannel file =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(Json.bytes(end));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.force(true);
    }
    Files.move(draft, path.resolve("exit"), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel folder = FileChannel.open(path, StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  /// `exit` goes last: dying in the middle makes no run that nobody saw end. Safe to call twice.
  void delete() throws IOException {
    if (!exists()) {
      return;
    }
    Sessions.forget(path);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(path, file -> !file.endsWith("exit"))) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(path.resolve("exit"));
    Files.deleteIfExists(path);
  }
}
