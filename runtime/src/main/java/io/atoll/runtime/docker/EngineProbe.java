package io.atoll.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.os.FolderRemoval;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.card.TrialCard;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import io.atoll.runtime.driver.NetworkCard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tries an engine: reaches it, asks what it can limit, and runs a container.
final class EngineProbe {
  private static final Logger log = LoggerFactory.getLogger(EngineProbe.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration RUN = Duration.ofSeconds(30);
  private static final String FULL_USAGE_API = "1.41";

  /// Where the engine sees what this daemon makes, whatever either has for a `/tmp`.
  private static final Path PLACE = Path.of("/run/atoll");

  private final Engine engine;
  private final DockerSettings settings;
  private final List<Finding> findings = new ArrayList<>();
  private boolean initWorks = true;

  EngineProbe(Engine engine, DockerSettings settings) {
    this.engine = engine;
    this.settings = settings;
  }

  /// Whether the engine can put its small init process before the payload; known after `run`.
  boolean initWorks() {
    return initWorks;
  }

  Fingerprint run() {
    try {
      if (reach()) {
        JsonNode info = engine.get("/info", Duration.ofSeconds(10));
        if (limits(info)) {
          container(info);
        }
      }
    } catch (EngineException e) {
      findings.add(
          new Finding(
              "engine",
              Level.MISSING,
              "it stopped answering: " + e.said(),
              "look at its log (journalctl -u docker)"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      findings.add(new Finding("engine", Level.MISSING, "the trial was interrupted", "try again"));
    }
    return new Fingerprint("docker", findings);
  }

  private boolean reach() throws InterruptedException {
    try {
      var _ = engine.get("/_ping", PATIENCE);
      JsonNode version = engine.get("/version", PATIENCE);
      String api = version.path("ApiVersion").asText("0");
      String text = "version " + version.path("Version").asText("unknown") + ", API " + api;
      if (Runtime.Version.parse(api).compareTo(Runtime.Version.parse(FULL_USAGE_API)) < 0) {
        findings.add(
            new Finding(
                "engine",
                Level.LIMITED,
                text + ": asking for the usage of a run takes a second",
                "use Docker 20.10 or newer"));
      } else {
        findings.add(new Finding("engine", Level.OK, text, ""));
      }
      return true;
    } catch (EngineException e) {
      boolean denied = e.said().contains("ermission denied");
      boolean hangs = e.said().contains("did not answer");
      findings.add(
          new Finding(
              "engine",
              Level.MISSING,
              e.said(),
              denied
                  ? "let this user reach the socket: usermod -aG docker USER, then log in again"
                  : hangs
                      ? "it hangs: see its log (journalctl -u docker), or restart it (systemctl"
                          + " restart docker)"
                      : "install and start Docker (apt install docker.io; systemctl start docker), or"
                          + " set DOCKER_HOST"));
      return false;
    }
  }

  /// Whether it runs Linux containers.
  private boolean limits(JsonNode info) {
    String system = info.path("OSType").asText("linux");
    if (!system.equals("linux")) {
      findings.add(
          new Finding(
              "linux containers",
              Level.MISSING,
              "this engine runs " + system + " containers",
              "switch Docker Desktop to Linux containers"));
      return false;
    }
    limit(info, "MemoryLimit", "memory limit", "a container can use all memory");
    limit(info, "SwapLimit", "swap limit", "a container can use swap beyond its memory");
    limit(info, "CpuCfsQuota", "cpu limit", "a container can use every core");
    limit(info, "PidsLimit", "process limit", "a container can fork without end");
    findings.add(
        new Finding(
            "disk limit",
            Level.LIMITED,
            "storage "
                + info.path("Driver").asText("unknown")
                + ": what a container writes is not"
                + " limited",
            "put the engine's data on a partition of its own"));
    String security = info.path("SecurityOptions").toString();
    if (security.contains("rootless") || security.contains("userns")) {
      findings.add(new Finding("user namespace", Level.OK, "root of a container is not root", ""));
    } else {
      findings.add(
          new Finding(
              "user namespace",
              Level.LIMITED,
              "root of a container is root of this machine, less capabilities",
              "set \"userns-remap\": \"default\" in /etc/docker/daemon.json, or run rootless"));
    }
    if (!security.contains("seccomp")) {
      findings.add(
          new Finding(
              "seccomp",
              Level.LIMITED,
              "containers may use every system call",
              "use an engine and a kernel with seccomp"));
    }
    return true;
  }

  private void limit(JsonNode info, String field, String what, String without) {
    if (info.path(field).asBoolean(true)) {
      findings.add(new Finding(what, Level.OK, "the engine has it", ""));
    } else {
      findings.add(
          new Finding(
              what,
              Level.LIMITED,
              without,
              "boot with cgroup_enable=memory swapaccount=1, or delegate the cgroup controllers to"
                  + " this user"));
    }
  }

  private void container(JsonNode info) throws EngineException, InterruptedException {
    String architecture = info.path("Architecture").asText("unknown");
    Optional<byte[]> tar = ProbeImage.tar(architecture);
    if (tar.isEmpty()) {
      findings.add(
          new Finding(
              "container",
              Level.LIMITED,
              "none was tried: there is no trial program for " + architecture,
              "try docker run yourself"));
      return;
    }
    long begin = System.nanoTime();
    String image = "";
    try {
      JsonNode imported = engine.postBytes("/images/create?fromSrc=-", tar.get(), RUN);
      image = imported.path("status").asText("");
      String failure = tryOnce(image, true, null);
      if (failure.contains("docker-init") || failure.contains("catatonit")) {
        initWorks = false;
        failure = tryOnce(image, false, null);
        findings.add(
            new Finding(
                "init",
                Level.LIMITED,
                "the engine has no init program: a payload that ignores signals by being the first"
                    + " process is killed only after its grace",
                "install it (apt install tini)"));
      }
      findings.add(
          failure.isEmpty()
              ? new Finding(
                  "container",
                  Level.OK,
                  "one ran, in " + (System.nanoTime() - begin) / 1_000_000 + " ms",
                  "")
              : new Finding(
                  "container", Level.MISSING, failure, "look at the engine's log, and at dmesg"));
      if (failure.isEmpty()) {
        networks(image);
      }
    } catch (EngineException e) {
      findings.add(
          new Finding(
              "container", Level.MISSING, e.said(), "look at the engine's log, and at dmesg"));
    } finally {
      remove(image);
    }
  }

  /// Whether containers can have cards: by one that has.
  private void networks(String image) throws InterruptedException {
    String failure = ContainerNetwork.missing(settings);
    if (failure == null) {
      try {
        Files.createDirectories(PLACE);
        Path folder = Files.createTempDirectory(PLACE, "trial");
        try {
          failure = tryOnce(image, initWorks, folder);
        } finally {
          FolderRemoval.remove(folder);
        }
      } catch (IOException e) {
        failure = "there is no place for a trial: " + e.getMessage();
      } catch (EngineException e) {
        failure = e.said();
      }
    }
    findings.add(
        failure.isEmpty()
            ? new Finding("networks", Level.OK, "a container had an interface", "")
            : new Finding("networks", Level.LIMITED, failure, ContainerNetwork.remedy()));
  }

  private void remove(String image) throws InterruptedException {
    try {
      if (!image.isEmpty()) {
        engine.delete("/images/" + image, RUN);
      }
    } catch (EngineException e) {
      log.debug("the trial's image {} is left: {}", image, e.said());
    }
  }

  /// Empty if it ran, else what went wrong.
  ///
  /// @param place for its cards; null: it gets none
  private String tryOnce(String image, boolean init, @Nullable Path place)
      throws EngineException, InterruptedException {
    RunId id = new RunId(TaskId.random(ThreadLocalRandom.current()), new Epoch(0, 1));
    Workload workload =
        new Workload(
            "docker",
            null,
            List.of(ProbeImage.PROGRAM),
            Map.of(),
            new Resources(1000, 64 << 20, 0),
            16,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    Image made = new Image(image, null, List.of(), List.of(), "SIGTERM", List.of(), List.of(), "");
    ObjectNode body = ContainerRequest.body(id, workload, made, settings, init);
    Container container =
        new Container(engine, "atoll-" + settings.instance() + "-probe-" + id.task());
    try {
      NetworkCard card = TrialCard.make();
      ContainerCards cards =
          place == null
              ? null
              : ContainerCards.make(id, place, container, settings.supervisor(), List.of(card));
      if (cards != null) {
        ContainerNetwork.into(body, workload, made, cards, card);
      }
      var _ = engine.post("/containers/create?name=" + container.name(), body, RUN);
      container.start();
      if (cards != null) {
        var _ = cards.keep();
      }
      container.awaitEnd(RUN);
      int code = container.inspect().map(ContainerState::exitCode).orElse(-1);
      return code == ProbeImage.EXIT_CODE ? "" : "the trial program ended with " + code;
    } catch (EngineException e) {
      if (!e.answered()) {
        throw e;
      }
      return e.said();
    } catch (IOException e) {
      return "its cards cannot be kept: " + e.getMessage();
    } finally {
      container.removeByForce();
    }
  }
}
