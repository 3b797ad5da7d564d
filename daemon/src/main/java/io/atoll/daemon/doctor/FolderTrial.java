package io.atoll.daemon.doctor;

import io.atoll.core.term.ByteSize;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Whether a daemon can keep its state in a folder: writes to it and waits for the disk, as each
/// commit does.
public final class FolderTrial {
  private static final long NEEDED = 64L << 20;
  private static final long COMFORT = 1L << 30;
  private static final Duration SLOW = Duration.ofMillis(250);
  private static final List<String> FAR = List.of("nfs", "cifs", "smb", "sshfs", "9p", "ceph");
  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rwx------");

  private FolderTrial() {}

  public static List<Finding> of(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return notThere(folder);
    }
    if (!Files.isDirectory(folder)) {
      return List.of(
          new Finding(
              "write",
              Level.MISSING,
              folder + " is no folder",
              "move it away, or choose another with --data-dir"));
    }
    List<Finding> findings = new ArrayList<>();
    findings.add(write(folder));
    findings.add(space(folder));
    findings.add(kind(folder));
    findings.addAll(modes(folder));
    return findings;
  }

  private static List<Finding> notThere(Path folder) throws IOException {
    Path parent = folder.toAbsolutePath();
    while (!Files.exists(parent) && parent.getParent() != null) {
      parent = parent.getParent();
    }
    Finding made;
    try {
      Files.delete(Files.createTempDirectory(parent, ".atoll-doctor-"));
      made = new Finding("write", Level.OK, folder + " is not there yet; `atoll up` makes it", "");
    } catch (IOException e) {
      made = refused(folder, "cannot be made in " + parent, e);
    }
    return List.of(made, space(parent), kind(parent));
  }

  private static Finding write(Path folder) {
    Path file = null;
    try {
      file = Files.createTempFile(folder, ".doctor-", ".tmp");
      long began = System.nanoTime();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.allocate(4096));
        channel.force(true);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      String said =
          String.format(Locale.ROOT, "%s: 4 KiB reached the disk in %.1f ms", folder, ms(took));
      return took.compareTo(SLOW) < 0
          ? new Finding("write", Level.OK, said, "")
          : new Finding(
              "write",
              Level.LIMITED,
              said + ", and every commit waits that long",
              "use a faster or less busy disk for the data folder");
    } catch (IOException e) {
      return refused(folder, "cannot be written to", e);
    } finally {
      delete(file);
    }
  }

  private static double ms(Duration duration) {
    return duration.toNanos() / 1e6;
  }

  private static void delete(@org.jspecify.annotations.Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // It is empty, hidden, and named after the doctor.
    }
  }

  private static Finding refused(Path folder, String what, IOException why) {
    return new Finding(
        "write",
        Level.MISSING,
        folder + " " + what + ": " + PrivateFiles.reason(why),
        PrivateFiles.diskFull(folder, why)
            ? "free some space there, or choose another with --data-dir"
            : "run as the user to whom it belongs, or choose another with --data-dir");
  }

  private static Finding space(Path folder) throws IOException {
    long free = Files.getFileStore(folder).getUsableSpace();
    String said = ByteSize.format(free) + " are free";
    if (free < NEEDED) {
      return new Finding("space", Level.MISSING, said, "free some: a daemon without room waits");
    }
    return free < COMFORT
        ? new Finding("space", Level.LIMITED, said, "free some: outputs of tasks are kept here")
        : new Finding("space", Level.OK, said, "");
  }

  private static Finding kind(Path folder) throws IOException {
    FileStore store = Files.getFileStore(folder);
    String type = store.type();
    boolean far = FAR.stream().anyMatch(name -> type.toLowerCase(Locale.ROOT).contains(name));
    return far
        ? new Finding(
            "file system",
            Level.LIMITED,
            type + " is shared by machines: a hub's store does not work on it",
            "keep the data folder on a local disk")
        : new Finding("file system", Level.OK, type, "");
  }

  private static List<Finding> modes(Path folder) throws IOException {
    if (!Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      return List.of();
    }
    List<Finding> findings = new ArrayList<>();
    findings.add(mode(folder, "folder", Level.LIMITED, "chmod 700 " + folder));
    for (String secret : List.of("identity", "cli.key")) {
      Path file = folder.resolve(secret);
      if (Files.exists(file)) {
        findings.add(mode(file, secret, Level.MISSING, "chmod 600 " + file));
      }
    }
    return findings;
  }

  private static Finding mode(Path path, String what, Level ifOpen, String remedy)
      throws IOException {
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(path);
    String text = PosixFilePermissions.toString(mode);
    return OWNER.containsAll(mode)
        ? new Finding(what + " is private", Level.OK, text, "")
        : new Finding(
            what + " is private", ifOpen, path + " is open to others (" + text + ")", remedy);
  }
}
