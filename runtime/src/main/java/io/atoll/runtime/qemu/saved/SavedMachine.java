package io.atoll.runtime.qemu.saved;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.json.Json;
import io.atoll.core.os.SocketFile;
import io.atoll.core.os.UnixListener;
import io.atoll.runtime.qemu.Qmp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// Moves a machine out of a QEMU, and into one.
public final class SavedMachine {
  private static final int PIECE = 256 << 10;
  private static final Duration LOOK = Duration.ofMillis(100);

  private SavedMachine() {}

  /// Writes a machine that stands still; it keeps standing still, whether this works or not.
  ///
  /// @throws IOException if QEMU or `to` cannot, or the time is over
  public static void save(Qmp qmp, Meeting at, OutputStream to, Duration atMost)
      throws IOException, InterruptedException {
    Files.deleteIfExists(at.ours());
    ObjectNode fast = Json.mapper().createObjectNode().put("max-bandwidth", 1L << 40);
    qmp.execute("migrate-set-parameters", fast, Qmp.SHORT);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(at.ours()));
      admit(at.ours());
      qmp.execute("migrate", Json.mapper().createObjectNode().put("uri", at.uri()), Qmp.SHORT);
      try (Guard guard = new Guard(qmp, atMost)) {
        guard.closes(server);
        try (SocketChannel from = server.accept()) {
          guard.closes(from);
          Channels.newInputStream(from).transferTo(to);
        } catch (IOException e) {
          throw guard.because(e);
        }
      }
      awaitMigrated(qmp, atMost);
    } finally {
      Files.deleteIfExists(at.ours());
    }
  }

  /// QEMU has to be able to connect. The folder is its own, and it may have put something else in
  /// the socket's place by now, such as an image that others boot from.
  private static void admit(Path socket) throws IOException {
    try (SocketFile file = SocketFile.open(socket)) {
      file.letAll();
    }
  }

  /// Waits for the end of a migration that was begun.
  public static void awaitMigrated(Qmp qmp, Duration atMost)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + atMost.toNanos();
    while (true) {
      JsonNode said = qmp.execute("query-migrate");
      String status = said.path("status").asText();
      if (status.equals("completed")) {
        return;
      }
      if (status.equals("failed") || status.equals("cancelled")) {
        throw new IOException(
            "QEMU could not move the machine's state: " + said.path("error-desc").asText(status));
      }
      if (System.nanoTime() > until) {
        throw new IOException(
            "QEMU did not move the machine's state in " + atMost.toSeconds() + " s");
      }
      Thread.sleep(3);
    }
  }

  /// Brings a machine into a QEMU that waits for it (`-incoming defer`). It stands still
  /// afterwards.
  public static void restore(Qmp qmp, Meeting at, InputStream from, Duration atMost)
      throws IOException, InterruptedException {
    ObjectNode where = Json.mapper().createObjectNode().put("uri", at.uri());
    qmp.execute("migrate-incoming", where, Qmp.SHORT);
    try (SocketChannel to = UnixListener.connect(at.ours());
        Guard guard = new Guard(qmp, atMost)) {
      guard.closes(to);
      byte[] piece = new byte[PIECE];
      try {
        for (int n = from.read(piece); n >= 0; n = from.read(piece)) {
          ByteBuffer bytes = ByteBuffer.wrap(piece, 0, n);
          while (bytes.hasRemaining()) {
            to.write(bytes);
          }
        }
      } catch (IOException e) {
        throw guard.because(e);
      }
    }
    awaitStanding(qmp, atMost);
  }

  private static void awaitStanding(Qmp qmp, Duration atMost)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + atMost.toNanos();
    while (true) {
      String status = qmp.execute("query-status").path("status").asText();
      if (status.equals("paused")) {
        return;
      }
      if (!status.equals("inmigrate") || System.nanoTime() > until) {
        throw new IOException("QEMU did not take the machine's state: it is '" + status + "'");
      }
      Thread.sleep(3);
    }
  }

  /// Closes what somebody waits on when QEMU has given up, is gone, or the time is over.
  private static final class Guard implements AutoCloseable {
    private final Qmp qmp;
    private final long until;
    private final Duration atMost;
    private final Queue<Channel> waitedOn = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile @Nullable String cause;
    private volatile boolean done;

    Guard(Qmp qmp, Duration atMost) {
      this.qmp = qmp;
      this.atMost = atMost;
      this.until = System.nanoTime() + atMost.toNanos();
      this.thread = Thread.ofVirtual().name("guard of a migration").start(this::watch);
    }

    void closes(Channel channel) {
      waitedOn.add(channel);
    }

    private void watch() {
      try {
        while (!done && cause == null) {
          Thread.sleep(LOOK);
          look();
        }
        while (!done) {
          for (Channel each : waitedOn) {
            each.close(); // one may have been added since
          }
          Thread.sleep(LOOK);
        }
      } catch (InterruptedException | IOException e) {
        // It is no longer needed, or the channel is gone.
      }
    }

    private void look() throws InterruptedException {
      try {
        JsonNode said = qmp.execute("query-migrate");
        String status = said.path("status").asText();
        if (status.equals("failed") || status.equals("cancelled")) {
          cause = "QEMU gave up: " + said.path("error-desc").asText(status);
        } else if (System.nanoTime() > until) {
          cause = "it took longer than " + atMost.toSeconds() + " s";
        }
      } catch (IOException e) {
        cause = "QEMU is gone: " + e.getMessage();
      }
    }

    IOException because(IOException e) {
      String why = cause;
      return why == null ? e : new IOException(why, e);
    }

    @Override
    public void close() {
      done = true;
      thread.interrupt();
    }
  }
}
