package io.atoll.e2e;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A user without any rights, with a copy of the program where such a user can read it. Root
/// becomes that user by `setpriv`; anybody else is one already.
final class Stranger implements AutoCloseable {
  private static final int UID = 65534;

  private final Path root;

  Stranger() throws IOException {
    root = Files.createTempDirectory("atoll-stranger-");
    open(root);
    Path home = Files.createDirectory(home());
    if (isRoot()) {
      Files.setAttribute(home, "unix:uid", UID);
      Files.setAttribute(home, "unix:gid", UID);
    }
  }

  static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  Path home() {
    return root.resolve("home");
  }

  CommandLine commands() throws IOException {
    List<String> words = new ArrayList<>();
    if (isRoot()) {
      words.addAll(List.of("setpriv", "--reuid=" + UID, "--regid=" + UID, "--clear-groups", "--"));
    }
    List<String> java = DaemonProcess.java();
    for (int i = 0; i < java.size(); i++) {
      if (java.get(i).equals("-cp")) {
        words.add("-cp");
        words.add(copied(java.get(++i)));
      } else if (java.get(i).startsWith("-Datoll.supervisor=")) {
        words.add("-Datoll.supervisor=" + supervisor());
      } else {
        words.add(java.get(i));
      }
    }
    return new CommandLine(
        words, Map.of("HOME", home().toString(), "ATOLL_DATA_DIR", home().resolve("data") + ""));
  }

  private Path supervisor() throws IOException {
    Path copy = root.resolve("atoll-supervisor");
    Files.copy(DaemonProcess.supervisor(), copy, StandardCopyOption.REPLACE_EXISTING);
    open(copy);
    return copy;
  }

  private String copied(String classPath) throws IOException {
    Path folder = Files.createDirectories(root.resolve("classes"));
    open(folder);
    List<String> copies = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator)) {
      Path from = Path.of(entry);
      if (Files.exists(from)) {
        Path to = folder.resolve(copies.size() + "-" + from.getFileName());
        copy(from, to);
        copies.add(to.toString());
      }
    }
    return String.join(File.pathSeparator, copies);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        open(copy);
      }
    }
  }

  private static void open(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
