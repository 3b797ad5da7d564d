package io.atoll.daemon;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Who listens on a TCP port of this machine, as far as /proc tells: for processes of the same
/// user, and as root for all. Elsewhere than on Linux nobody is found.
final class PortOwner {
  private static final Path PROC = Path.of("/proc");
  private static final List<String> TABLES = List.of("net/tcp", "net/tcp6");
  private static final String LISTEN = "0A";

  private PortOwner() {}

  /// For people: ` (process 4711, java, has it)`; empty if nobody is found.
  static String words(int port) {
    return of(port).map(pid -> " (process " + pid + name(pid) + " has it)").orElse("");
  }

  /// @return the pid
  static Optional<Long> of(int port) {
    for (String table : TABLES) {
      Optional<Long> found = inode(PROC.resolve(table), port).flatMap(PortOwner::holder);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /// The socket that listens: `sl local rem st queues timers retransmits uid timeout inode`.
  private static Optional<String> inode(Path table, int port) {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    try {
      for (String line : Files.readAllLines(table)) {
        String[] words = line.strip().split(" +");
        if (words.length > 9 && words[1].endsWith(suffix) && words[3].equals(LISTEN)) {
          return Optional.of(words[9]);
        }
      }
    } catch (IOException e) {
      // not Linux, or not for us to read
    }
    return Optional.empty();
  }

  private static Optional<Long> holder(String inode) {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process, "socket:[" + inode + "]")) {
          return Optional.of(Long.valueOf(process.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      // answered below: not to be found out
    }
    return Optional.empty();
  }

  private static boolean holds(Path process, String socket) {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        if (Files.readSymbolicLink(descriptor).toString().equals(socket)) {
          return true;
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      // another user's, or gone meanwhile
    }
    return false;
  }

  private static String name(long pid) {
    try {
      return ", " + Files.readString(PROC.resolve(pid + "/comm")).strip() + ",";
    } catch (IOException e) {
      return "";
    }
  }
}
