package io.atoll.runtime.microvm;

import io.atoll.core.json.Json;
import io.atoll.core.term.Exit;
import io.atoll.runtime.exec.Sessions;
import io.atoll.runtime.qemu.saved.DeepFile;
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

  /// What is needed to start its QEMU once more.
  ///
  /// @param image the file behind its disk
  /// @param cpuBefore processor time that earlier QEMUs of the run had used
  record Plan(MachineShape shape, String image, long cpuMillis, long cpuBefore) {}

  /// Null for a run of an older version, which wrote none.
  @Nullable Plan readPlan() throws IOException {
    try {
      return Json.read(Files.readAllBytes(path.resolve("machine")), Plan.class);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  void writePlan(Plan plan) throws IOException {
    Path draft = path.resolve("machine.new");
    Files.write(draft, Json.bytes(plan));
    Files.move(draft, path.resolve("machine"), StandardCopyOption.ATOMIC_MOVE);
  }

  /// Returns once it is on the disk.
  void forcePlan(Plan plan) throws IOException {
    writeForced("machine", Json.bytes(plan));
  }

  /// Processor time that earlier QEMUs of the run had used.
  long cpuBefore() {
    try {
      Plan plan = readPlan();
      return plan == null ? 0 : plan.cpuBefore();
    } catch (IOException e) {
      return 0;
    }
  }

  DeepFile deep() {
    return new DeepFile(path);
  }

  /// The image as this run has it, under a name that lasts as long as the run: the store may
  /// give the reference to another one, or collect this one.
  Path keepImage(Path image) throws IOException {
    Path kept = path.resolve("image");
    if (!Files.exists(kept)) {
      try {
        Files.createLink(kept, image);
      } catch (NoSuchFileException e) {
        throw e;
      } catch (IOException | UnsupportedOperationException otherDisk) {
        Path draft = path.resolve("image.new");
        Files.copy(image, draft, StandardCopyOption.REPLACE_EXISTING);
        Files.move(draft, kept, StandardCopyOption.ATOMIC_MOVE);
      }
    }
    return kept;
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
    writeForced("exit", Json.bytes(end));
  }

  private void writeForced(String name, byte[] content) throws IOException {
    Path draft = path.resolve(name + ".new");
    try (FileChannel file =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.force(true);
    }
    Files.move(draft, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
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
