package io.atoll.daemon.demo;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.LogSink;
import io.atoll.client.api.InviteRequest;
import io.atoll.client.api.InviteView;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.docker.DockerSettings;
import io.atoll.runtime.docker.LocalImage;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Plays the whole story on one machine and tells it step by step: three daemons, two joins by
/// invite, a task on each provider, a container where an engine answers, a web server in a network.
public final class Demo implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);

  private final Path folder;
  private final PrintStream out;
  private final boolean unsandboxed;
  private final Path supervisor;
  private final long began = System.nanoTime();
  private final List<DemoDaemon> daemons = new ArrayList<>();
  private @Nullable HubClient client;

  /// @param folder for data folders and logs
  /// @param unsandboxed whether tasks may run without a sandbox where none is possible
  /// @param supervisor the static program that the demo's container runs too
  public Demo(Path folder, PrintStream out, boolean unsandboxed, Path supervisor) {
    this.supervisor = supervisor;
    this.folder = folder;
    this.out = out;
    this.unsandboxed = unsandboxed;
  }

  /// Plays it; the pool runs on until `close`.
  ///
  /// @return whether everything that this machine can do was done
  public boolean play() throws InterruptedException {
    DemoDaemon hub = daemon("hub", List.of("--hub"));
    String key = key(hub);
    HubClient hubClient =
        new HubClient(() -> new HubLocation(URI.create(hub.api()), key, "the demo"));
    client = hubClient;
    for (String name : List.of("ada", "bob")) {
      InviteView invite = hubClient.createInvite(new InviteRequest("provider", null));
      List<String> options = new ArrayList<>(List.of("--provider", "--join", invite.invite()));
      if (unsandboxed) {
        options.add("--allow-unsandboxed");
      }
      daemon(name, options);
      say("%s joined by invite %s", name, invite.id());
    }
    List<NodeView> nodes = online(hubClient, 2);
    boolean whole = true;
    for (NodeView node : nodes) {
      say("node %s is online: %s", node.name(), drivers(node));
      node.missing().forEach(missing -> say("  it cannot enforce: %s", missing));
    }
    for (NodeView node : nodes) {
      whole &= processTask(hubClient, node);
    }
    whole &= container(hubClient, nodes);
    whole &=
        new NetworkScene(hubClient, unsandboxed, line -> say("%s", line), this::follow).play(nodes);
    return whole;
  }

  private static String drivers(NodeView node) {
    return node.drivers().isEmpty() ? "no driver works" : String.join(", ", node.drivers());
  }

  private DemoDaemon daemon(String name, List<String> options) {
    DemoDaemon daemon = DemoDaemon.start(name, folder.resolve(name), options);
    daemons.add(daemon);
    say("%s is up: pid %d, peer %s", name, daemon.pid(), daemon.peerId());
    return daemon;
  }

  private static String key(DemoDaemon hub) {
    try {
      return Files.readString(hub.dataDir().resolve(HubLocation.KEY_FILE)).strip();
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.INTERNAL, "the hub left no key in its data folder", "see its log", e);
    }
  }

  private List<NodeView> online(HubClient hub, int count) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      List<NodeView> online =
          hub.nodes().stream().filter(node -> node.state().equals("ONLINE")).toList();
      if (online.size() >= count) {
        return online;
      }
      if (System.nanoTime() > deadline) {
        throw new AtollException(
            ErrorCode.TIMEOUT,
            "only " + online.size() + " of " + count + " providers are online",
            "see the logs in " + folder);
      }
      Thread.sleep(50);
    }
  }

  private boolean processTask(HubClient hub, NodeView node) throws InterruptedException {
    if (!node.drivers().contains("process")) {
      say(
          "no task for %s: no sandbox works there. `atoll doctor` says why and what to do",
          node.name());
      return false;
    }
    String script =
        "echo \"task $ATOLL_TASK runs on $ATOLL_NODE as uid $(id -u)\";"
            + " for i in 1 2 3; do echo \"  line $i\"; sleep 0.1; done";
    return follow(hub, request("process", null, node, "/bin/sh", "-c", script), node.name());
  }

  private boolean container(HubClient hub, List<NodeView> nodes) throws InterruptedException {
    for (NodeView node : nodes) {
      if (node.drivers().contains("docker")) {
        try {
          String image =
              LocalImage.of(
                  DockerSettings.findEngine(System.getenv()), supervisor, "atoll-demo", "1");
          say("made the image %s from the supervisor, which needs no download", image);
          return follow(
              hub, request("docker", image, node, LocalImage.PROGRAM, "--version"), node.name());
        } catch (IOException e) {
          say("no container: the image could not be made: %s", String.valueOf(e.getMessage()));
          return false;
        }
      }
    }
    say("no container: no Docker engine answers on this machine (optional)");
    return true;
  }

  private TaskRequest request(
      String driver, @Nullable String image, NodeView node, String... command) {
    return new TaskRequest(
        null,
        driver,
        image,
        List.of(command),
        null,
        "0.5",
        "64Mi",
        null,
        null,
        node.id().text(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        unsandboxed && driver.equals("process"));
  }

  private boolean follow(HubClient hub, TaskRequest request, String node)
      throws InterruptedException {
    TaskView task = hub.create(request, UUID.randomUUID().toString());
    say("task %s (%s) accepted for %s; its output:", task.id(), task.driver(), node);
    hub.logs(
        task.id().text(),
        null,
        0,
        true,
        new LogSink() {
          @Override
          public void output(OutputEvents.Output piece) {
            new String(piece.data(), StandardCharsets.UTF_8)
                .lines()
                .forEach(line -> out.println("         | " + line));
          }

          @Override
          public void dropped(long from, long until) {
            out.println("         | … " + (until - from) + " bytes are no longer kept");
          }
        });
    TaskView ended = hub.task(task.id().text(), PATIENCE);
    String detail = ended.exitDetail() == null ? "" : ": " + ended.exitDetail();
    String code = ended.exitCode() == null ? "" : ", exit code " + ended.exitCode();
    say("task %s is %s%s%s", ended.id(), ended.state(), code, detail);
    return Integer.valueOf(0).equals(ended.exitCode());
  }

  /// Address of the hub's API.
  public String api() {
    return daemons.getFirst().api();
  }

  public Path hubDataDir() {
    return daemons.getFirst().dataDir();
  }

  @SuppressWarnings("AnnotateFormatMethod") // its annotation is a library of its own
  private void say(String format, Object... arguments) {
    double seconds = (System.nanoTime() - began) / 1e9;
    out.printf(
        Locale.ROOT, "[%5.1f s] %s%n", seconds, String.format(Locale.ROOT, format, arguments));
    out.flush();
  }

  /// Stops what still runs, then ends the daemons, providers first. Safe to call twice.
  @Override
  public synchronized void close() {
    stopTasks();
    for (DemoDaemon daemon : daemons.reversed()) {
      daemon.close();
    }
    daemons.clear();
  }

  /// The folder goes with the demo, so that nobody would find these tasks again.
  private void stopTasks() {
    HubClient hub = client;
    client = null;
    if (hub == null) {
      return;
    }
    try {
      for (TaskView task : hub.tasks(false, null, 1000).tasks()) {
        hub.stop(task.id().text());
        hub.task(task.id().text(), STOP_PATIENCE);
      }
    } catch (AtollException e) {
      out.println("some tasks may still run: " + e.getMessage());
    }
  }
}
