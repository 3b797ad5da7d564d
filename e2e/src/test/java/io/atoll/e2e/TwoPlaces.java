package io.atoll.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Two network namespaces that nothing else is connected to, one of which stands for the Internet:
/// its address is a public one, which nobody outside of here ever hears of.
///
/// ```
///   here 11.0.0.1 ── veth ── 11.0.0.2 far
/// ```
///
/// Both are gone when this is closed and what was started in them has ended.
final class TwoPlaces implements AutoCloseable {
  static final String FAR = "11.0.0.2";

  private final List<Process> started = new ArrayList<>();
  private final Process here;
  private final Process far;

  private TwoPlaces() throws IOException, InterruptedException {
    here = namespace();
    far = namespace();
  }

  static TwoPlaces make() throws IOException, InterruptedException {
    TwoPlaces made = new TwoPlaces();
    try {
      done(made.here("ip", "link", "set", "lo", "up"));
      done(made.far("ip", "link", "set", "lo", "up"));
      String farPid = String.valueOf(made.far.pid());
      done(
          made.here(
              "ip", "link", "add", "eth", "type", "veth", "peer", "name", "eth", "netns", farPid));
      done(made.here("ip", "addr", "add", "11.0.0.1/24", "dev", "eth"));
      done(made.far("ip", "addr", "add", FAR + "/24", "dev", "eth"));
      done(made.here("ip", "link", "set", "eth", "up"));
      done(made.far("ip", "link", "set", "eth", "up"));
      return made;
    } catch (IOException | InterruptedException | RuntimeException e) {
      made.close();
      throw e;
    }
  }

  /// A process that has one, and does nothing.
  private Process namespace() throws IOException, InterruptedException {
    Process holder = new ProcessBuilder("unshare", "--net", "sleep", "900").start();
    started.add(holder);
    Path own = Path.of("/proc/self/ns/net");
    Path its = Path.of("/proc/" + holder.pid() + "/ns/net");
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (Files.readSymbolicLink(its).equals(Files.readSymbolicLink(own))) {
      if (!holder.isAlive() || System.nanoTime() > deadline) {
        close();
        throw new IOException("no network namespace was made; that takes root");
      }
      Thread.sleep(10);
    }
    return holder;
  }

  private static List<String> into(Process holder) {
    return List.of("nsenter", "--net=/proc/" + holder.pid() + "/ns/net", "--");
  }

  /// The words that lead to where the daemons are.
  List<String> here() {
    return into(here);
  }

  private List<String> here(String... command) {
    return concat(into(here), command);
  }

  private List<String> far(String... command) {
    return concat(into(far), command);
  }

  private static List<String> concat(List<String> list, String... more) {
    List<String> all = new ArrayList<>(list);
    all.addAll(List.of(more));
    return all;
  }

  /// Starts a server far away, which says on its output when it listens; returns then.
  void serve(String... command) throws IOException {
    Process server = new ProcessBuilder(far(command)).redirectErrorStream(true).start();
    started.add(server);
    String said = server.inputReader(StandardCharsets.UTF_8).readLine();
    if (said == null || !said.contains("listening")) {
      throw new IOException(List.of(command) + " did not begin: " + said);
    }
  }

  private static void done(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + ": " + said);
    }
  }

  @Override
  public void close() {
    for (Process each : started.reversed()) {
      each.destroy();
      try {
        if (!each.waitFor(5, TimeUnit.SECONDS)) {
          each.destroyForcibly();
        }
      } catch (InterruptedException e) {
        each.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
