package io.atoll.vpn.pair;

import io.atoll.core.os.TunDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The data path against wireguard-go with its offloads: `./dev bench vpn-pair`. Makes two network
/// namespaces that nobody else sees, and everything in them ends with it.
public final class PairBench {
  private static final List<String> TOOLS =
      List.of("unshare", "ip", "iperf3", "ping", "wg", "timeout", "sh");

  private PairBench() {}

  /// @param words how many rounds, and a seed that is not used
  public static void main(String[] words) throws Exception {
    String rounds = words.length > 0 ? words[0] : "6";
    Path root = Path.of(System.getProperty("atoll.root", "..")).toAbsolutePath().normalize();
    requireTools();
    String wireguardGo = wireguardGo(root);
    Path folder = Files.createTempDirectory("vpn-pair");
    int result;
    try {
      result = run(root, folder, wireguardGo, rounds);
    } finally {
      remove(folder);
    }
    System.exit(result);
  }

  private static void requireTools() throws Exception {
    List<String> missing = new ArrayList<>();
    for (String tool : TOOLS) {
      if (!has(tool)) {
        missing.add(tool);
      }
    }
    String noTun = TunDevice.missing();
    if (!missing.isEmpty() || noTun != null) {
      System.err.println(
          "bench vpn-pair: "
              + (missing.isEmpty()
                  ? noTun
                  : "not on this machine: "
                      + String.join(", ", missing)
                      + " (packages util-linux, iproute2, iperf3, iputils-ping, wireguard-tools,"
                      + " coreutils)"));
      System.exit(1);
    }
  }

  private static boolean has(String tool) {
    return Stream.concat(
            Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":")),
            Stream.of("/usr/sbin", "/sbin"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
  }

  /// That of the distribution's next release; an older one has no offloads, which would be unfair.
  private static String wireguardGo(Path root) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                root.resolve("tools/wireguard-go.sh").toString(),
                root.resolve(".build/wireguard-go").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      System.exit(1);
    }
    return said;
  }

  private static int run(Path root, Path folder, String wireguardGo, String rounds)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("unshare"));
    // Root needs no user namespace; in one the system grants sockets smaller buffers, to both.
    if (new ProcessBuilder("unshare", "--net", "--mount", "true")
            .redirectErrorStream(true)
            .start()
            .waitFor()
        != 0) {
      command.addAll(List.of("--user", "--map-root-user"));
    }
    command.addAll(
        List.of("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh"));
    command.add(root.resolve("vpn/src/test/sh/namespaces.sh").toString());
    command.add("a b");
    command.addAll(java(PairLab.class, "-Xmx64m"));
    command.addAll(List.of(folder.toString(), wireguardGo, rounds));
    // As the daemon runs.
    command.addAll(
        java(
            PairNode.class,
            "-Xms16m",
            "-Xmx256m",
            "-XX:+UseCompactObjectHeaders",
            "-XX:ReservedCodeCacheSize=48m",
            "-XX:MaxInlineLevel=25"));
    Process process = new ProcessBuilder(command).inheritIO().start();
    try {
      if (!process.waitFor(20, TimeUnit.MINUTES)) {
        System.err.println("bench vpn-pair: it did not end in 20 minutes");
        return 1;
      }
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> java(Class<?> main, String... options) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of(options));
    words.addAll(List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    // Such as a profiler's.
    String more = System.getenv("ATOLL_PAIR_JAVA_OPTS");
    if (more != null && main.equals(PairNode.class)) {
      words.addAll(List.of(more.split(" ")));
    }
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return words;
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
