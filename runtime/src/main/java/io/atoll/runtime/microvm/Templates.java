package io.atoll.runtime.microvm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.json.Json;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.process.HandedFile;
import io.atoll.runtime.qemu.HostSystem;
import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.qemu.Qmp;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The templates of this machine, one for each shape. Made in the background when first asked for,
/// kept on disk (0600) over restarts, thrown away when the guest's files change.
///
/// ```
/// STATE/templates/SHAPE/{mem,state}   SHAPE/release names the guest's files
/// STATE/templates/making-RUN          a QEMU that makes one, until it has
/// STATE/templates/no-image            8 GiB of nothing: the disk of a guest without an image
/// ```
final class Templates implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Templates.class);

  /// The size that guests of templates believe their disk to have: no image is larger.
  static final long DISK = 8L << 30;

  /// After its agent is ready, a kernel still does this and that.
  private static final Duration SETTLE = Duration.ofMillis(500);

  private static final Duration SAVE = Duration.ofSeconds(60);
  private static final String MAKING = "making-";

  private final Path folder;
  private final GuestFiles guest;
  private final QemuProgram qemu;
  private final Hypervisors hypervisors;
  private final Duration bootLimit;
  private final Map<MachineShape, CompletableFuture<Template>> all = new HashMap<>(); // by this
  private final List<Thread> makers = new ArrayList<>(); // guarded by this
  private boolean closed; // guarded by this

  Templates(
      Path folder, GuestFiles guest, QemuProgram qemu, Hypervisors hypervisors, Duration bootLimit)
      throws IOException, InterruptedException {
    this.folder = folder;
    this.guest = guest;
    this.qemu = qemu;
    this.hypervisors = hypervisors;
    this.bootLimit = bootLimit;
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    removeHalfMade();
    removeStale();
    try (RandomAccessFile disk = new RandomAccessFile(noImage().toFile(), "rw")) {
      disk.setLength(DISK);
    }
  }

  private Path noImage() {
    return folder.resolve("no-image");
  }

  private void removeHalfMade() throws IOException, InterruptedException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".new")) {
          delete(file);
        } else if (name.startsWith(MAKING)) {
          try {
            hypervisors.remove(RunId.parse(name.substring(MAKING.length())));
            Files.deleteIfExists(file);
          } catch (DriverException e) {
            log.warn("cannot end a QEMU that made a template: {}", e.text());
          }
        }
      }
    }
  }

  /// Those of another QEMU, kernel or guest program: no guest begins as a copy of them any more.
  private void removeStale() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, Files::isDirectory)) {
      for (Path file : files) {
        Path release = file.resolve("release");
        if (!String.valueOf(file.getFileName()).startsWith(qemu.text() + "-" + qemu.machine() + "-")
            || !Files.exists(release)
            || !Files.readString(release).equals(guest.release())) {
          log.info("template {} is of an earlier version and goes", file.getFileName());
          delete(file);
        }
      }
    }
  }

  /// The template of a shape if it is ready. If there is none it is begun to be made; nobody waits.
  synchronized Optional<Template> get(MachineShape shape) {
    CompletableFuture<Template> template = begin(shape);
    return template.isDone() && !template.isCompletedExceptionally()
        ? Optional.of(template.join())
        : Optional.empty();
  }

  /// Waits for the template of a shape, making it if need be.
  Template await(MachineShape shape, Duration atMost) throws IOException, InterruptedException {
    CompletableFuture<Template> template;
    synchronized (this) {
      template = begin(shape);
    }
    try {
      return template.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new IOException(String.valueOf(cause == null ? e : cause.getMessage()), cause);
    } catch (TimeoutException e) {
      throw new IOException("no guest was ready in " + atMost.toSeconds() + " s", e);
    }
  }

  private CompletableFuture<Template> begin(MachineShape shape) {
    CompletableFuture<Template> known = all.get(shape);
    if (known != null) {
      return known;
    }
    CompletableFuture<Template> made = new CompletableFuture<>();
    all.put(shape, made);
    if (closed) {
      made.completeExceptionally(new IOException("this driver was closed"));
      return made;
    }
    Thread maker =
        Thread.ofVirtual()
            .name("template " + shape.key())
            .start(
                () -> {
                  try {
                    Template template = loadOrMake(shape);
                    made.complete(template);
                  } catch (IOException | DriverException | RuntimeException e) {
                    log.warn("no template {}: {}", shape.key(), e.getMessage());
                    made.completeExceptionally(e);
                  } catch (InterruptedException e) {
                    made.completeExceptionally(e);
                  }
                });
    makers.add(maker);
    return made;
  }

  /// Forgets a template that did not do, so that the next one who asks has it made again.
  synchronized void drop(MachineShape shape) {
    all.remove(shape);
    try {
      delete(folder.resolve(shape.key()));
    } catch (IOException e) {
      log.warn("cannot remove template {}: {}", shape.key(), e.toString());
    }
  }

  private Template loadOrMake(MachineShape shape)
      throws IOException, DriverException, InterruptedException {
    Path place = folder.resolve(shape.key());
    Path release = place.resolve("release");
    if (!Files.exists(release) || !Files.readString(release).equals(guest.release())) {
      delete(place);
      make(shape, place);
    }
    return Template.load(place);
  }

  private void make(MachineShape shape, Path place)
      throws IOException, DriverException, InterruptedException {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Path mark = Files.createFile(folder.resolve(MAKING + id));
    Path draft = folder.resolve(shape.key() + ".new");
    delete(draft);
    Files.createDirectory(
        draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    long begin = System.nanoTime();
    MicrovmCommand command =
        new MicrovmCommand(
            qemu.path().toString(),
            HostSystem.current(),
            shape,
            new MicrovmCommand.Beginning.Template(
                Handed.path(Handed.KERNEL),
                Handed.path(Handed.INITRAMFS),
                Hypervisors.WORK + "/mem"),
            "/dev/fdset/1",
            Handed.IMAGE,
            Hypervisors.WORK,
            Hypervisors.WORK);
    List<HandedFile> files =
        List.of(
            new HandedFile(Handed.KERNEL, guest.kernel()),
            new HandedFile(Handed.INITRAMFS, guest.initramfs()),
            new HandedFile(Handed.IMAGE, noImage()));
    try (Prepared prepared =
        hypervisors.prepare(id, command, 0, shape.memoryBytes() + (64 << 20), files, null)) {
      Activity machine = prepared.start();
      try {
        bootAndSave(machine, hypervisors.work(id));
      } catch (IOException e) {
        String said = hypervisors.lastWords(id);
        throw new IOException(e.getMessage() + (said.isEmpty() ? "" : "; it said: " + said), e);
      }
      copy(hypervisors.work(id).resolve("mem"), draft.resolve("mem"));
      copy(hypervisors.work(id).resolve("state"), draft.resolve("state"));
    } finally {
      hypervisors.remove(id);
      Files.deleteIfExists(mark);
    }
    Files.writeString(draft.resolve("release"), guest.release());
    Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
    log.info("template {} made in {} ms", shape.key(), (System.nanoTime() - begin) / 1_000_000);
  }

  private void bootAndSave(Activity machine, Path work) throws IOException, InterruptedException {
    Thread limit =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    Thread.sleep(bootLimit);
                    machine.stop(Duration.ZERO);
                  } catch (InterruptedException | DriverException inTime) {
                    // It was, or will be removed in a moment.
                  }
                });
    try (Qmp qmp = Qmp.connect(work.resolve("qmp"), bootLimit, event -> {});
        AgentLink agent = AgentLink.open(work.resolve("agent"))) {
      agent.greet(0);
      Thread.sleep(SETTLE);
      qmp.execute("stop");
      State.shareMemory(qmp);
      ObjectNode to = Json.mapper().createObjectNode();
      to.put("uri", "exec:cat > " + Hypervisors.WORK + "/state");
      qmp.execute("migrate", to, Qmp.SHORT);
      State.awaitMigration(qmp, SAVE);
      qmp.execute("quit");
      machine.await();
    } finally {
      limit.interrupt();
    }
  }

  /// Copies what is not zero; the rest is a hole.
  private static void copy(Path from, Path to) throws IOException {
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
        RandomAccessFile file = new RandomAccessFile(to.toFile(), "rw")) {
      file.setLength(in.size());
      FileChannel out = file.getChannel();
      Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
      ByteBuffer piece = ByteBuffer.allocateDirect(64 << 10);
      ByteBuffer zeros = ByteBuffer.allocateDirect(64 << 10);
      for (long at = 0; at < in.size(); at += piece.limit()) {
        piece.clear();
        in.read(piece, at);
        piece.flip();
        if (!piece.equals(zeros.clear().limit(piece.limit()))) {
          while (piece.hasRemaining()) {
            out.write(piece, at + piece.position());
          }
        }
      }
    }
  }

  private static void delete(Path place) throws IOException {
    if (!Files.isDirectory(place)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(place);
  }

  /// Guests that are copies go on; templates that are being made are given up.
  @Override
  public void close() {
    List<Thread> working;
    synchronized (this) {
      closed = true;
      working = List.copyOf(makers);
    }
    working.forEach(Thread::interrupt);
    try {
      for (Thread maker : working) {
        maker.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      for (CompletableFuture<Template> each : all.values()) {
        if (each.isDone() && !each.isCompletedExceptionally()) {
          each.join().close();
        }
      }
      all.clear();
    }
  }
}
