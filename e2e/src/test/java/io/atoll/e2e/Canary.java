package io.atoll.e2e;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// What a hostile payload must neither see, touch nor change: files that anybody may write, a
/// process, a port, and the machine's own settings, mounts and interfaces. Nothing here asks Atoll.
final class Canary implements AutoCloseable {
  /// What other work on this machine makes and removes.
  private static final List<String> PASSING = List.of("veth", "br-", "docker", "atoll");

  private static final List<Path> SETTINGS =
      Stream.of(
              "kernel/core_pattern",
              "kernel/hostname",
              "kernel/modprobe",
              "kernel/sysrq",
              "vm/overcommit_memory")
          .map(name -> Path.of("/proc/sys", name))
          .filter(Files::isReadable)
          .toList();

  private final String secret;
  private final Path folder;
  private final Process process;
  private final ServerSocket server = new ServerSocket(0);
  private final AtomicInteger visits = new AtomicInteger();
  private final Map<String, String> before;

  /// @param folder made anew, with the rights of any other folder of this machine
  Canary(Path folder) throws IOException {
    byte[] word = new byte[16];
    new Random().nextBytes(word);
    this.secret = HexFormat.of().formatHex(word);
    this.folder = Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    for (String name : List.of("a", "b", "c")) {
      Path file = Files.writeString(folder.resolve(name), secret + name);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    }
    ProcessBuilder builder = new ProcessBuilder("sleep", "7200");
    builder.environment().put("CANARY", secret);
    this.process = builder.start();
    Thread.ofVirtual().start(this::listen);
    this.before = look();
  }

  private void listen() {
    try {
      while (true) {
        try (Socket visitor = server.accept()) {
          visits.incrementAndGet();
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  String secret() {
    return secret;
  }

  Path secretFile() {
    return folder.resolve("a");
  }

  long pid() {
    return process.pid();
  }

  /// Where every address of this machine would reach it.
  int port() {
    return server.getLocalPort();
  }

  /// Of this machine, and where emulated networks show it to their guests.
  List<String> addresses() throws IOException {
    List<String> all = new ArrayList<>(List.of("127.0.0.1", "10.0.2.2"));
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(each.getInetAddresses())) {
        if (address instanceof Inet4Address && !address.isLoopbackAddress()) {
          all.add(address.getHostAddress());
        }
      }
    }
    return all;
  }

  int diskMajor() throws IOException {
    return (int) (disk() >>> 8 & 0xfff);
  }

  int diskMinor() throws IOException {
    return (int) (disk() & 0xff | disk() >>> 12 & 0xfff00);
  }

  /// The device below the folder.
  private long disk() throws IOException {
    return (Long) Files.getAttribute(folder, "unix:dev");
  }

  /// What has changed, one line each.
  List<String> changes() throws IOException {
    List<String> changes = new ArrayList<>();
    Map<String, String> now = look();
    before.forEach(
        (what, value) -> {
          if (!value.equals(now.get(what))) {
            changes.add(what + " was " + value + " and is " + now.get(what));
          }
        });
    now.keySet().stream()
        .filter(what -> !before.containsKey(what))
        .forEach(what -> changes.add(what + " is new"));
    if (visits.get() > 0) {
      changes.add(visits.get() + " connections to a port of the host");
    }
    return changes;
  }

  private Map<String, String> look() throws IOException {
    Map<String, String> seen = new TreeMap<>();
    for (Path setting : SETTINGS) {
      seen.put(setting.toString(), Files.readString(setting).strip());
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        seen.put(
            "file " + file.getFileName(),
            Files.readString(file, StandardCharsets.ISO_8859_1)
                + " of "
                + Files.getLastModifiedTime(file));
      }
    }
    // State, priority and beginning: fields 3, 19 and 22, behind the name in parentheses.
    String stat = Files.readString(Path.of("/proc", String.valueOf(pid()), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    String state = "RSD".contains(fields[0]) ? "alive" : fields[0];
    seen.put("process", state + " " + fields[16] + " " + fields[19]);
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] words = line.split(" ");
      if (words[0].equals("evil") || isOfTheSystem(words[1])) {
        seen.put("mount " + words[1] + " " + words[2], words[0]);
      }
    }
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      if (PASSING.stream().noneMatch(each.getName()::startsWith)) {
        seen.put("interface " + each.getName(), each.isUp() ? "up" : "down");
      }
    }
    return seen;
  }

  /// Other work mounts and unmounts below the folders that are left out.
  private static boolean isOfTheSystem(String point) {
    return Stream.of("/tmp/", "/run/", "/var/").noneMatch(point::startsWith)
        && !point.startsWith(System.getProperty("java.io.tmpdir"))
        && FileSystems.getDefault().getPath(point).getNameCount() < 4;
  }

  @Override
  public void close() throws IOException {
    server.close();
    process.destroyForcibly();
  }
}
