package io.atoll.runtime.vm;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.json.Json;
import io.atoll.core.term.Endpoint;
import io.atoll.runtime.driver.Usage;
import io.atoll.runtime.qemu.GuestAgent;
import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.saved.DeepFile;
import io.atoll.runtime.qemu.saved.DeepFile.Remembered;
import io.atoll.runtime.qemu.saved.Meeting;
import io.atoll.runtime.qemu.saved.SavedMachine;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Moves one machine between its QEMU and the file in its run's folder. The file, once it has its
/// name, is the truth; it loses it before the machine goes on. QEMU's shell stays, and with it the
/// supervisor: it waits as long as `asleep` is there, which is made before QEMU is told to go.
record VmSleep(VmFolder folder) {
  private static final Logger log = LoggerFactory.getLogger(VmSleep.class);
  private static final Duration CONNECT = Duration.ofSeconds(60);

  private static final Duration GLANCE = Duration.ofMillis(200);

  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration CLOCK = Duration.ofMinutes(2);

  DeepFile file() {
    return folder.deep();
  }

  private Qmp qmp(Duration atMost) throws IOException, InterruptedException {
    return Qmp.connect(folder.work(VmFolder.QMP), atMost, event -> {});
  }

  private Meeting meeting() {
    return new Meeting(folder.work(VmFolder.STATE), VmFolder.STATE);
  }

  /// Takes a machine that stands still out of memory. On failure it stands still there, and
  /// nothing is left behind.
  void sleep(Usage used, List<Endpoint> ports) throws IOException, InterruptedException {
    Instant now = Instant.now();
    Remembered remembered =
        new Remembered(
            used.cpuNanos(),
            used.memoryPeak(),
            now.getEpochSecond() * 1_000_000_000L + now.getNano());
    boolean named = false;
    try (Qmp qmp = qmp(CONNECT)) {
      if (status(qmp).equals("postmigrate")) {
        // It was saved before, in vain. QEMU saves again only what ran in between.
        qmp.execute("cont");
        qmp.execute("stop");
      }
      folder.mark(VmFolder.PORTS, Json.write(ports));
      file().write(remembered, to -> SavedMachine.save(qmp, meeting(), to, LIMIT));
      markAsleep();
      file().commit();
      named = true;
      end(qmp);
      endStraggler();
    } finally {
      if (!named) {
        file().dropDraft();
        markAwake();
      }
    }
  }

  private void markAsleep() throws IOException {
    try {
      Files.createFile(folder.work(VmFolder.ASLEEP));
    } catch (FileAlreadyExistsException e) {
      // As it should be.
    }
  }

  void markAwake() throws IOException {
    Files.deleteIfExists(folder.work(VmFolder.ASLEEP));
  }

  private static String status(Qmp qmp) throws IOException, InterruptedException {
    return qmp.execute("query-status").path("status").asText();
  }

  /// Whether a QEMU that says this has a machine that stands still.
  static boolean still(String status) {
    return switch (status) {
      case "paused", "finish-migrate", "postmigrate" -> true;
      default -> false;
    };
  }

  /// Ends a QEMU whose machine is in the file; its shell waits.
  private static void end(Qmp qmp) throws IOException, InterruptedException {
    try {
      qmp.execute("quit");
    } catch (IOException e) {
      log.debug("QEMU did not say goodbye: {}", e.getMessage());
    }
    if (!qmp.awaitEnd(CONNECT)) {
      throw new IOException("QEMU was told to end, and is still there");
    }
  }

  /// A QEMU that there still is, is not the truth. Returns once its shell waits: were the mark
  /// taken away before, the shell would end, and with it the run.
  void endStraggler() throws IOException, InterruptedException {
    markAsleep();
    long until = System.nanoTime() + CONNECT.toNanos();
    while (!Files.exists(folder.work(VmFolder.WAITING))) {
      try (Qmp qmp = qmp(GLANCE)) {
        end(qmp);
      } catch (IOException e) {
        log.debug("no QEMU answers in {}", folder.path());
      }
      if (System.nanoTime() > until) {
        throw new IOException("its QEMU neither answers nor ends");
      }
    }
  }

  /// Brings the machine back, standing still; the file is gone. On failure no QEMU has it, and the
  /// file is still there.
  void wake() throws IOException, InterruptedException {
    endStraggler();
    markAwake();
    boolean awake = false;
    try (Qmp qmp = qmp(CONNECT)) {
      file().read(from -> SavedMachine.restore(qmp, meeting(), from, LIMIT));
      for (Endpoint port : ports()) {
        forward(qmp, port);
      }
      file().drop();
      awake = true;
    } catch (IOException e) {
      String said = folder.lastWord();
      throw new IOException(e.getMessage() + (said.isEmpty() ? "" : "; QEMU said: " + said), e);
    } finally {
      if (!awake) {
        endStraggler();
      }
    }
  }

  List<Endpoint> ports() throws IOException {
    String said = folder.markedWith(VmFolder.PORTS);
    return said.isEmpty()
        ? List.of()
        : Json.mapper().readValue(said, new TypeReference<List<Endpoint>>() {});
  }

  /// The same port of the host as before.
  private static void forward(Qmp qmp, Endpoint port) throws IOException, InterruptedException {
    String rule =
        "%s:%s:%d-:%d"
            .formatted(
                port.port().protocol().name().toLowerCase(Locale.ROOT),
                port.host(),
                port.hostPort(),
                port.port().number());
    ObjectNode ask = Json.mapper().createObjectNode();
    ask.put("command-line", "hostfwd_add n " + rule);
    String said = qmp.execute("human-monitor-command", ask, Qmp.SHORT).asText().strip();
    if (!said.isEmpty()) {
      throw new IOException("port " + port.hostPort() + " of this host is taken: " + said);
    }
  }

  /// Sets the guest's clock, which stood still, as soon as its agent answers.
  void setClock() {
    Thread.ofVirtual()
        .name("clock of " + folder.path().getFileName())
        .start(
            () -> {
              try (GuestAgent agent = GuestAgent.connect(folder.work(VmFolder.AGENT), CLOCK)) {
                Instant now = Instant.now();
                ObjectNode time = Json.mapper().createObjectNode();
                time.put("time", now.getEpochSecond() * 1_000_000_000L + now.getNano());
                var _ = agent.call("guest-set-time", time, CLOCK);
              } catch (IOException e) {
                log.warn("{}: the guest's clock stays behind: {}", folder.path(), e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }
}
