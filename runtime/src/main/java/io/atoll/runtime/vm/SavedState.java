package io.atoll.runtime.vm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.json.Json;
import io.atoll.core.os.UnixListener;
import io.atoll.runtime.qemu.Qmp;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/// A machine's processor, devices and memory as one file, the way QEMU migrates them. The bytes
/// go through a socket in QEMU's folder: its sandbox lets it start no program and open no file
/// of ours.
final class SavedState {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int PIECE = 1 << 20;

  private SavedState() {}

  /// Saves a machine that stands still; it keeps standing still. The file is readable by us alone.
  static void save(Qmp qmp, VmFolder folder, Path file) throws IOException, InterruptedException {
    Path socket = folder.work(VmFolder.STATE);
    Files.deleteIfExists(socket);
    ObjectNode fast = Json.mapper().createObjectNode().put("max-bandwidth", 1L << 40);
    qmp.execute("migrate-set-parameters", fast, Qmp.SHORT);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      folder.give(VmFolder.STATE);
      ObjectNode where = Json.mapper().createObjectNode().put("uri", "unix:" + VmFolder.STATE);
      qmp.execute("migrate", where, Qmp.SHORT);
      try (SocketChannel from = server.accept();
          FileChannel to =
              FileChannel.open(
                  file,
                  java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  PosixFilePermissions.asFileAttribute(
                      PosixFilePermissions.fromString("rw-------")))) {
        Channels.newInputStream(from).transferTo(Channels.newOutputStream(to));
        to.force(false);
      }
      awaitSaved(qmp);
    } finally {
      Files.deleteIfExists(socket);
    }
  }

  private static void awaitSaved(Qmp qmp) throws IOException, InterruptedException {
    long until = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      JsonNode said = qmp.execute("query-migrate");
      switch (said.path("status").asText()) {
        case "completed" -> {
          return;
        }
        case "failed", "cancelled" ->
            throw new IOException("QEMU could not save it: " + said.path("error-desc").asText(""));
        default -> {
          if (System.nanoTime() > until) {
            throw new IOException("saving did not end in " + LIMIT.toSeconds() + " s");
          }
          Thread.sleep(5);
        }
      }
    }
  }

  /// Brings state into a QEMU that waits for it (`-incoming defer`). Afterwards it stands still.
  static void restore(Qmp qmp, VmFolder folder, Path file)
      throws IOException, InterruptedException {
    ObjectNode where = Json.mapper().createObjectNode().put("uri", "unix:" + VmFolder.STATE);
    qmp.execute("migrate-incoming", where, Qmp.SHORT);
    try (SocketChannel to = UnixListener.connect(folder.work(VmFolder.STATE));
        FileChannel from = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long at = 0, size = from.size(); at < size; ) {
        at += from.transferTo(at, Math.min(PIECE, size - at), to);
      }
    }
    long until = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      String status = qmp.execute("query-status").path("status").asText();
      if (status.equals("paused")) {
        return;
      }
      if (!status.equals("inmigrate") || System.nanoTime() > until) {
        throw new IOException("QEMU did not take the state: it is '" + status + "'");
      }
      Thread.sleep(3);
    }
  }
}
