package io.atoll.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.EngineBacked;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.PutsInNetworks;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.output.OutputWriter;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs images as containers of a Docker engine on this machine. The package's doc has the order of
/// things.
public final class DockerDriver implements EngineBacked, PutsInNetworks, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DockerDriver.class);

  private static final Duration UNDO = Duration.ofSeconds(5);
  private static final Duration PING = Duration.ofSeconds(10);

  private final DockerSettings settings;
  private final Engine engine;
  private final Images images;
  private final ContainerGate gate;
  private final Map<RunId, DockerActivity> activities = new ConcurrentHashMap<>();
  private final Latecomers latecomers = new Latecomers();
  private volatile boolean init = true;
  private final Map<RunId, Long> cpuSeen = new HashMap<>(); // guarded by this
  private long cpuSum; // guarded by this

  /// Runs every image.
  public DockerDriver(DockerSettings settings, PullListener listener) {
    this(settings, listener, ContainerGate.OPEN);
  }

  /// Connects to nothing yet.
  public DockerDriver(DockerSettings settings, PullListener listener, ContainerGate gate) {
    this.settings = settings;
    this.gate = gate;
    this.engine = new Engine(settings.engine());
    this.images = new Images(engine, listener);
  }

  @Override
  public String name() {
    return "docker";
  }

  /// Processor time that containers used while it was asked for, again and again; -1 if that of
  /// one cannot be told. Never waits for the engine.
  public synchronized long cpuNanos() {
    boolean known = true;
    for (DockerActivity activity : activities.values()) {
      long now = activity.cpuNanos();
      known &= now >= 0;
      long before = cpuSeen.getOrDefault(activity.id(), 0L);
      if (now > before) {
        cpuSeen.put(activity.id(), now);
        cpuSum += now - before;
      }
    }
    cpuSeen.keySet().retainAll(activities.keySet());
    return known ? cpuSum : -1;
  }

  @Override
  public Fingerprint fingerprint() {
    EngineProbe probe = new EngineProbe(engine, settings);
    Fingerprint found = probe.run();
    init = probe.initWorks();
    return found;
  }

  @Override
  public boolean answers() throws InterruptedException {
    try {
      var _ = engine.get("/_ping", PING);
      return true;
    } catch (EngineException e) {
      return e.answered();
    }
  }

  @Override
  public Ability networks() {
    try {
      return ContainerNetwork.missing(settings) == null ? Ability.MOVABLE : Ability.NONE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Ability.NONE;
    }
  }

  @Override
  public Prepared prepare(ActivitySpec spec) throws DriverException, InterruptedException {
    String reference = spec.workload().image();
    if (reference == null || reference.isBlank()) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST, "run " + spec.id() + " names no image", "add --image NAME");
    }
    ContainerRequest.check(spec.workload());
    ContainerNetwork.check(spec, settings);
    ImageReference.parse(reference);
    RunFolder folder = new RunFolder(spec.folder());
    make(spec, folder);
    Container container = container(spec.id());
    boolean done = false;
    boolean asked = false;
    latecomers.want(spec.id());
    try {
      Image image = images.resolve(reference);
      refuse(reference, image, spec.workload());
      gate.admit(reference, image.id(), image.manifests());
      ContainerCards cards =
          ContainerCards.make(
              spec.id(), folder.path(), container, settings.supervisor(), spec.cards());
      folder.markCreating();
      asked = true;
      create(spec, container, image, cards);
      OutputWriter writer = OutputWriter.open(folder.path());
      Response attached =
          engine.openWithin(
              Engine.SHORT,
              "POST",
              "/containers/" + container.name() + "/attach?stream=1&stdout=1&stderr=1");
      done = true;
      return new DockerPrepared(
          spec,
          folder,
          container,
          image,
          writer,
          attached,
          settings.endpointHost(),
          settings.supervisor(),
          cards,
          activities,
          latecomers);
    } catch (EngineException e) {
      throw e.toDriver("make a container for run " + spec.id());
    } catch (IOException e) {
      throw disk(folder, e);
    } finally {
      if (!done) {
        latecomers.unwant(spec.id());
        discard(asked ? container : null, folder);
        if (asked) {
          latecomers.expect(spec.id(), container);
        }
      }
    }
  }

  /// What the engine would only find out by starting it.
  private static void refuse(String reference, Image image, Workload workload)
      throws DriverException {
    if (!image.runs() && workload.command().isEmpty()) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "neither the task nor its image " + reference + " says what to run",
          "add a command");
    }
    if (!Processor.runs(image.architecture())) {
      throw new DriverException(
          ErrorCode.START_FAILED,
          "the image "
              + reference
              + " is for "
              + image.architecture()
              + ", and this node is "
              + Processor.here(),
          "name an image for " + Processor.here() + ", or a node of its kind with --node");
    }
  }

  private static void make(ActivitySpec spec, RunFolder folder) throws DriverException {
    try {
      if (folder.path().getParent() != null) {
        Files.createDirectories(folder.path().getParent());
      }
      Files.createDirectory(folder.path());
    } catch (FileAlreadyExistsException e) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "run " + spec.id() + " was begun before: " + folder.path() + " is there",
          "recover it, or start it under a new epoch",
          e);
    } catch (IOException e) {
      throw disk(folder, e);
    }
  }

  private static DriverException disk(RunFolder folder, IOException e) {
    return new DriverException(
        ErrorCode.DISK_FULL,
        "could not write to " + folder.path() + ": " + e.getMessage(),
        "free space on that disk, and let the daemon's user write there",
        e);
  }

  private void create(
      ActivitySpec spec, Container container, Image image, @Nullable ContainerCards cards)
      throws DriverException, EngineException, InterruptedException {
    String path = "/containers/create?name=" + container.name();
    ObjectNode body = ContainerRequest.body(spec.id(), spec.workload(), image, settings, init);
    if (cards != null) {
      ContainerNetwork.into(body, spec.workload(), image, cards, spec.cards().getFirst());
    }
    for (int attempt = 1; ; attempt++) {
      try {
        var _ = engine.post(path, body, Engine.LONG);
        return;
      } catch (EngineException e) {
        // Left by a prepare whose undoing the engine did not answer; one that ran is not removed.
        Optional<ContainerState> there = e.conflict() ? container.inspect() : Optional.empty();
        if (there.isEmpty()
            || attempt > 1
            || there.get().began()
            || !isOf(spec.id(), there.get())) {
          if (!e.conflict()) {
            throw e;
          }
          throw new DriverException(
              ErrorCode.CONFLICT,
              "run " + spec.id() + " has a container already: " + e.said(),
              "recover it, or start it under a new epoch",
              e);
        }
        container.remove();
      }
    }
  }

  /// Undoes a prepare as far as the engine answers.
  ///
  /// @param container null if the engine was not asked for one
  private static void discard(@Nullable Container container, RunFolder folder) {
    boolean interrupted = Thread.interrupted();
    try {
      if (container != null) {
        Optional<ContainerState> there = container.inspect(UNDO);
        if (there.isPresent() && !there.get().began()) {
          container.remove();
        }
      }
    } catch (EngineException e) {
      log.debug("nothing undone for a container: {}", e.said());
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      deleteQuietly(folder);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void deleteQuietly(RunFolder folder) {
    try {
      folder.delete();
    } catch (IOException e) {
      log.warn("folder {} is left", folder.path(), e);
    }
  }

  @Override
  public Recovered recover(ActivitySpec spec) throws DriverException, InterruptedException {
    DockerActivity known = activities.get(spec.id());
    if (known != null) {
      return new Recovered.Found(known);
    }
    RunFolder folder = new RunFolder(spec.folder());
    Container container = container(spec.id());
    try {
      Exit exit = folder.readExit();
      if (exit != null) {
        DockerActivity ended = activity(spec, folder, container, null, null);
        activities.put(spec.id(), ended);
        ended.ended(exit);
        return new Recovered.Found(ended);
      }
      Optional<ContainerState> found = container.inspect();
      if (found.isEmpty()) {
        return gone(spec, folder, container);
      }
      ContainerState state = found.get();
      if (!isOf(spec.id(), state)) {
        throw new DriverException(
            ErrorCode.CONFLICT,
            "the container " + container.name() + " is not Atoll's",
            "remove or rename it: docker rename " + container.name() + " NAME");
      }
      if (!state.began() && !folder.starting()) {
        container.remove();
        folder.delete();
        return new Recovered.NeverStarted();
      }
      return adopt(spec, folder, container, state);
    } catch (EngineException e) {
      throw e.toDriver("find run " + spec.id() + " again");
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "could not read the folder of run " + spec.id() + ", " + folder.path(),
          "look at the disk",
          e);
    }
  }

  private Recovered gone(ActivitySpec spec, RunFolder folder, Container container)
      throws IOException {
    if (!folder.starting()) {
      if (folder.creating()) {
        latecomers.expect(spec.id(), container);
      }
      folder.delete();
      return new Recovered.NeverStarted();
    }
    Exit lost = Exit.lost("its container is gone");
    folder.writeExit(lost);
    DockerActivity ended = activity(spec, folder, container, null, null);
    activities.put(spec.id(), ended);
    ended.ended(lost);
    return new Recovered.Found(ended);
  }

  private Recovered adopt(
      ActivitySpec spec, RunFolder folder, Container container, ContainerState state)
      throws IOException, EngineException, InterruptedException, DriverException {
    if (!state.began()) {
      // The start was asked for, and is perhaps under way in the engine.
      Optional<Exit> verdict = new EndWatch(container, folder, null, false).neverBegan(state);
      if (verdict.isPresent()) {
        if (verdict.get().neverBegan()) {
          folder.delete();
          return new Recovered.NeverStarted();
        }
        folder.writeExit(verdict.get());
        return recover(spec);
      }
    }
    Files.createDirectories(folder.path());
    OutputCopy copy = new OutputCopy(engine, container.name(), OutputWriter.open(folder.path()));
    DockerActivity activity = activity(spec, folder, container, copy, state);
    activities.put(spec.id(), activity);
    activity.watch(null);
    return new Recovered.Found(activity);
  }

  private DockerActivity activity(
      ActivitySpec spec,
      RunFolder folder,
      Container container,
      @Nullable OutputCopy copy,
      @Nullable ContainerState state) {
    return new DockerActivity(
        spec.id(),
        folder,
        container,
        copy,
        spec.workload().resources().memory() > 0,
        state == null ? "SIGTERM" : state.stopSignal(),
        state != null && state.paused(),
        state == null ? List.of() : state.endpoints(settings.endpointHost()),
        settings.supervisor(),
        ContainerCards.find(spec.id(), folder.path(), container, settings.supervisor()),
        () -> forget(spec.id()));
  }

  private void forget(RunId id) {
    activities.remove(id);
    latecomers.unwant(id);
  }

  private Container container(RunId id) {
    return new Container(engine, "atoll-" + settings.instance() + "-" + id);
  }

  private boolean isOf(RunId id, ContainerState state) {
    return state.label(ContainerRequest.RUN_LABEL).equals(id.toString())
        && state.label(ContainerRequest.INSTANCE_LABEL).equals(settings.instance());
  }

  /// Removes the containers of this instance that belong to none of `known`, running or not: what a
  /// journal does not know was made by nobody, and of what it knows to have ended everything is on
  /// the disk.
  @Override
  public int removeStrays(Set<RunId> known) throws DriverException, InterruptedException {
    int removed = 0;
    try {
      JsonNode all =
          engine.get(
              "/containers/json?all=true&filters=%7B%22label%22%3A%5B%22"
                  + ContainerRequest.INSTANCE_LABEL
                  + "%3D"
                  + settings.instance()
                  + "%22%5D%7D",
              Engine.SHORT);
      for (JsonNode each : all) {
        String run = each.path("Labels").path(ContainerRequest.RUN_LABEL).asText("");
        if (!isIn(known, run) && !isIn(activities.keySet(), run) && !latecomers.wants(run)) {
          log.info("removing the container of run {}, which nobody knows", run);
          new Container(engine, each.path("Id").asText()).removeByForce();
          removed++;
        }
      }
    } catch (EngineException e) {
      throw e.toDriver("look for containers that nobody knows");
    }
    return removed;
  }

  private static boolean isIn(Set<RunId> ids, String run) {
    return ids.stream().anyMatch(id -> id.toString().equals(run));
  }

  /// Lets go of every run: containers go on, and another driver object can recover them. Whoever is
  /// in `await` stays there until interrupted.
  @Override
  public void close() {
    for (DockerActivity activity : activities.values()) {
      try {
        activity.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    activities.clear();
    try {
      latecomers.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    engine.close();
  }
}
