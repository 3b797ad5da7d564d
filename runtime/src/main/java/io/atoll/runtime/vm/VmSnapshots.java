package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.ByteSize;
import io.atoll.core.term.SnapshotName;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Snapshot;
import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.QmpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The snapshots of one machine. Its disk's part lies in its layer, its memory's in a file of its
/// own beside it, so that one that fails or is given up gives its room back. QEMU alone reads and
/// writes them: they need no daemon, and go when the run's folder goes. Callers see to it that
/// there is one order at a time.
///
/// A snapshot is there once the layer has it, which is the last that QEMU does; a file without one
/// is what an order left that came to no end.
final class VmSnapshots {
  private static final Logger log = LoggerFactory.getLogger(VmSnapshots.class);

  /// The block node that holds them.
  static final String NODE = "disk";

  /// Room for this many times the machine's memory is given beside its disk.
  static final int ROOM = 4;

  private static final int MOST = 16;
  private static final long FULL = 16L << 20;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final VmFolder folder;
  private final Qmp qmp;

  /// @param qmp stays its owner's
  VmSnapshots(VmFolder folder, Qmp qmp) {
    this.folder = folder;
    this.qmp = qmp;
  }

  List<Snapshot> list() throws QmpException, InterruptedException {
    List<Snapshot> all = new ArrayList<>();
    for (JsonNode each : node(NODE).path("image").path("snapshots")) {
      read(each, all);
    }
    all.sort(Comparator.comparing(Snapshot::takenAt));
    return all;
  }

  /// What QEMU says of a block node; nothing if there is none of the name.
  private JsonNode node(String name) throws QmpException, InterruptedException {
    ObjectNode whole = Json.mapper().createObjectNode().put("flat", false);
    for (JsonNode node : qmp.execute("query-named-block-nodes", whole, LIMIT)) {
      if (node.path("node-name").asText().equals(name)) {
        return node;
      }
    }
    return MissingNode.getInstance();
  }

  /// What has another's name is another's: QEMU keeps it, and nobody here shows it.
  private void read(JsonNode said, List<Snapshot> all) {
    try {
      SnapshotName name = new SnapshotName(said.path("name").asText());
      all.add(
          new Snapshot(
              name,
              Instant.ofEpochSecond(
                  said.path("date-sec").asLong(), said.path("date-nsec").asLong()),
              folder.work(file(name)).toFile().length()));
    } catch (IllegalArgumentException e) {
      log.debug("a snapshot that is not ours: {}", e.toString());
    }
  }

  Snapshot take(SnapshotName name, MachineRoom room)
      throws DriverException, QmpException, InterruptedException {
    List<Snapshot> there = list();
    if (there.stream().anyMatch(each -> each.name().equals(name))) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "there is a snapshot '" + name + "' already",
          "choose another name, or remove that one first");
    }
    if (there.size() >= MOST) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "it has " + MOST + " snapshots already, the most that are kept",
          "remove one first");
    }
    room.check(folder);
    dropMemory(name);
    try {
      makeMemory(name);
      job("snapshot-save", name, snapshot(name, true));
      return find(name);
    } catch (DriverException | QmpException e) {
      dropHalf(name);
      throw e;
    }
  }

  /// A file for the machine's memory: an empty disk, behind whose end QEMU writes it.
  private void makeMemory(SnapshotName name)
      throws DriverException, QmpException, InterruptedException {
    String memory = memory(name);
    ObjectNode plain = Json.mapper().createObjectNode().put("driver", "file");
    plain.put("filename", file(name));
    job("blockdev-create", name, options(plain.deepCopy().put("size", 0)));
    qmp.execute("blockdev-add", plain.put("node-name", memory + "f"), LIMIT);
    ObjectNode disk = Json.mapper().createObjectNode().put("driver", "qcow2");
    disk.put("file", memory + "f");
    job("blockdev-create", name, options(disk.deepCopy().put("size", 1 << 16)));
    qmp.execute("blockdev-add", disk.put("node-name", memory), LIMIT);
  }

  /// A QEMU that brought the machine back into memory knows nothing of what an earlier one opened.
  private void openMemory(SnapshotName name) throws QmpException, InterruptedException {
    String memory = memory(name);
    if (!node(memory).isMissingNode()) {
      return;
    }
    ObjectNode plain = Json.mapper().createObjectNode().put("driver", "file");
    plain.put("filename", file(name)).put("node-name", memory + "f");
    qmp.execute("blockdev-add", plain, LIMIT);
    ObjectNode disk = Json.mapper().createObjectNode().put("driver", "qcow2");
    disk.put("file", memory + "f").put("node-name", memory);
    qmp.execute("blockdev-add", disk, LIMIT);
  }

  private static ObjectNode options(ObjectNode options) {
    ObjectNode words = Json.mapper().createObjectNode();
    words.set("options", options);
    return words;
  }

  /// Words of QEMU's orders about a snapshot.
  private static ObjectNode snapshot(SnapshotName name, boolean state) {
    ObjectNode words = Json.mapper().createObjectNode().put("tag", name.text());
    if (state) {
      words.put("vmstate", memory(name));
    }
    words.putArray("devices").add(NODE).add(memory(name));
    return words;
  }

  /// What an order left that failed: nothing of it may stay. QEMU itself undoes its part.
  private void dropHalf(SnapshotName name) throws InterruptedException {
    try {
      if (list().stream().anyMatch(each -> each.name().equals(name))) {
        job("snapshot-delete", name, snapshot(name, false));
      }
      dropMemory(name);
    } catch (DriverException | QmpException e) {
      log.warn("what is left of snapshot {} in {} stays: {}", name, folder.path(), e.toString());
    }
  }

  private void dropMemory(SnapshotName name)
      throws DriverException, QmpException, InterruptedException {
    for (String node : List.of(memory(name), memory(name) + "f")) {
      if (!node(node).isMissingNode()) {
        qmp.execute("blockdev-del", Json.mapper().createObjectNode().put("node-name", node), LIMIT);
      }
    }
    try {
      Files.deleteIfExists(folder.work(file(name)));
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the memory of snapshot '" + name + "' cannot be removed: " + e.getMessage(),
          "see " + folder.work(file(name)),
          e);
    }
  }

  void restore(SnapshotName name) throws DriverException, QmpException, InterruptedException {
    Snapshot _ = find(name);
    openMemory(name);
    job("snapshot-load", name, snapshot(name, true));
  }

  void remove(SnapshotName name) throws DriverException, QmpException, InterruptedException {
    Snapshot _ = find(name);
    openMemory(name);
    job("snapshot-delete", name, snapshot(name, false));
    dropMemory(name);
  }

  /// The block node of a snapshot's memory; QEMU takes names of up to 31 characters.
  private static String memory(SnapshotName name) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.text().getBytes(UTF_8));
      return "m" + HexFormat.of().formatHex(hash, 0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String file(SnapshotName name) {
    return "snapshot-" + name + ".qcow2";
  }

  private Snapshot find(SnapshotName name)
      throws DriverException, QmpException, InterruptedException {
    return list().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new DriverException(
                    ErrorCode.NOT_FOUND,
                    "there is no snapshot '" + name + "'",
                    "see those that there are: atoll snapshot list TASK"));
  }

  /// Has QEMU do it, and waits for the end. It answers nobody else meanwhile.
  private void job(String command, SnapshotName name, ObjectNode words)
      throws DriverException, QmpException, InterruptedException {
    dismissOld();
    String id = "atoll-" + System.nanoTime();
    words.put("job-id", id);
    qmp.execute(command, words, LIMIT);
    long until = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      for (JsonNode job : qmp.execute("query-jobs", LIMIT)) {
        if (job.path("id").asText().equals(id) && job.path("status").asText().equals("concluded")) {
          String error = job.path("error").asText("");
          dismiss(id);
          if (!error.isEmpty()) {
            throw failed(command, name, error);
          }
          return;
        }
      }
      if (System.nanoTime() > until) {
        throw failed(command, name, "it did not end in " + LIMIT.toSeconds() + " s");
      }
      Thread.sleep(PAUSE);
    }
  }

  /// Of a daemon that did not live to see their end.
  private void dismissOld() throws QmpException, InterruptedException {
    for (JsonNode job : qmp.execute("query-jobs", LIMIT)) {
      if (job.path("status").asText().equals("concluded")) {
        dismiss(job.path("id").asText());
      }
    }
  }

  private void dismiss(String id) throws QmpException, InterruptedException {
    qmp.execute("job-dismiss", Json.mapper().createObjectNode().put("id", id), LIMIT);
  }

  /// QEMU does not always say why it could not write.
  private DriverException failed(String command, SnapshotName name, String error) {
    boolean full =
        error.contains("No space left")
            || error.contains("Error -28 ")
            || folder.path().toFile().getUsableSpace() < FULL;
    return new DriverException(
        full ? ErrorCode.DISK_FULL : ErrorCode.INTERNAL,
        command + " for snapshot '" + name + "' failed: " + error,
        full ? "free space on the node's disk, or remove a snapshot" : "see the node's log");
  }

  /// What a snapshot needs, beside what the machine may still write over its disk.
  ///
  /// @param limit bytes that the folder may hold; 0 = not known
  /// @param memory bytes of the guest's RAM
  /// @param disk bytes of its disk
  record MachineRoom(long limit, long memory, long disk) {

    void check(VmFolder folder) throws DriverException {
      try {
        long used = 0;
        try (Stream<Path> files = Files.list(folder.work(""))) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            used += Files.size(file);
          }
        }
        if (limit > 0 && used + memory + disk > limit) {
          throw new DriverException(
              ErrorCode.DISK_FULL,
              "its snapshots and its disk take "
                  + ByteSize.format(used)
                  + " of "
                  + ByteSize.format(limit)
                  + "; one more could leave it no room to write",
              "remove a snapshot first");
        }
        long free = Files.getFileStore(folder.path()).getUsableSpace();
        if (free < memory) {
          throw new DriverException(
              ErrorCode.DISK_FULL,
              "a snapshot may take "
                  + ByteSize.format(memory)
                  + ", and the node's disk has "
                  + ByteSize.format(free)
                  + " left",
              "free space on the node's disk, or remove a snapshot");
        }
      } catch (IOException e) {
        throw new DriverException(
            ErrorCode.INTERNAL,
            "how much room the machine has cannot be told: " + e.getMessage(),
            "see " + folder.path(),
            e);
      }
    }
  }
}
