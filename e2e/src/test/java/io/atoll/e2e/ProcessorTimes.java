package io.atoll.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where daemons, and the QEMUs of their guests, have spent the processor's time: seconds by who
/// spent them, each in their own code and in the kernel's. A thread that ended is not counted.
final class ProcessorTimes {
  private static final Path ALL = Path.of("/proc");

  /// As the kernel shows times, on all its platforms.
  private static final double TICKS = 100;

  /// Behind the name in `stat`.
  private static final int USER = 11;

  private static final int SYSTEM = 12;

  private static final Pattern ACCELERATOR = Pattern.compile("\0-accel\0(\\w+)");

  private final List<Long> daemons;
  private final String folder;

  /// @param folder which the command line of each QEMU that belongs here names, or that of the
  ///     supervisor above it
  ProcessorTimes(List<DaemonProcess> daemons, Path folder) {
    this.daemons = daemons.stream().map(DaemonProcess::pid).toList();
    this.folder = folder.toString();
  }

  Map<String, Double> now() throws IOException {
    Map<String, Double> sums = new TreeMap<>();
    for (long daemon : daemons) {
      add(sums, daemon, false);
    }
    for (long qemu : qemus()) {
      add(sums, qemu, true);
    }
    return sums;
  }

  private List<Long> qemus() throws IOException {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(ALL, "[0-9]*")) {
      for (Path process : processes) {
        long pid = Long.parseLong(process.getFileName().toString());
        if (commandLine(pid).split("\0", 2)[0].contains("qemu") && ours(pid)) {
          found.add(pid);
        }
      }
    }
    return found;
  }

  /// By what the guests run, as their QEMUs were told: `tcg` emulates.
  TreeSet<String> accelerators() throws IOException {
    TreeSet<String> found = new TreeSet<>();
    for (long qemu : qemus()) {
      Matcher accelerator = ACCELERATOR.matcher(commandLine(qemu));
      found.add(accelerator.find() ? accelerator.group(1) : "unknown");
    }
    return found;
  }

  /// What was spent between the two, without what spent nothing.
  static Map<String, Double> between(Map<String, Double> before, Map<String, Double> after) {
    Map<String, Double> spent = new TreeMap<>();
    after.forEach(
        (who, seconds) -> {
          double more = seconds - before.getOrDefault(who, 0.0);
          if (more > 0) {
            spent.put(who, more);
          }
        });
    return spent;
  }

  private static void add(Map<String, Double> sums, long pid, boolean qemu) throws IOException {
    Path tasks = ALL.resolve(pid + "/task");
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
      for (Path thread : threads) {
        String line = read(thread.resolve("stat"));
        int end = line.lastIndexOf(')');
        if (end < 0) {
          continue; // it has ended
        }
        String name = line.substring(line.indexOf('(') + 1, end);
        boolean main = thread.getFileName().toString().equals("" + pid);
        String who = qemu ? ofQemu(main) : ofDaemon(name);
        String[] fields = line.substring(end + 2).split(" ");
        sums.merge(who + ", own code", Long.parseLong(fields[USER]) / TICKS, Double::sum);
        sums.merge(who + ", kernel", Long.parseLong(fields[SYSTEM]) / TICKS, Double::sum);
      }
    }
  }

  private boolean ours(long pid) {
    long at = pid;
    for (int up = 0; up < 4 && at > 1; up++) {
      if (commandLine(at).contains(folder)) {
        return true;
      }
      at = ProcessHandle.of(at).flatMap(ProcessHandle::parent).map(ProcessHandle::pid).orElse(0L);
    }
    return false;
  }

  private static String commandLine(long pid) {
    return read(ALL.resolve(pid + "/cmdline"));
  }

  /// QEMU does not name its threads.
  private static String ofQemu(boolean main) {
    return main ? "QEMU, its devices" : "QEMU, guest's processor";
  }

  private static String ofDaemon(String thread) {
    if (thread.startsWith("switch ")) {
      return "daemon, from members";
    }
    if (thread.startsWith("udp-")) {
      return "daemon, to members";
    }
    return "daemon, all else";
  }

  /// Empty if whoever it tells of is gone.
  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
