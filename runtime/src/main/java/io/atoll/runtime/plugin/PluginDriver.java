package io.atoll.runtime.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.EngineBacked;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.PutsInNetworks;
import io.atoll.runtime.driver.Recovered;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A driver whose runs a program keeps that is no part of Atoll.
public final class PluginDriver implements EngineBacked, PutsInNetworks, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PluginDriver.class);
  static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration FINGERPRINT = Duration.ofSeconds(60);

  /// Images may be fetched: they say meanwhile how it goes.
  private static final Duration PREPARE = Duration.ofMinutes(30);

  private static final Duration ATTACH = Duration.ofSeconds(30);
  private static final Duration CLOSE = Duration.ofSeconds(15);
  private static final Duration RECOVER = Duration.ofSeconds(30);
  private static final Duration STRAYS = Duration.ofSeconds(60);
  private static final int MOST_FINDINGS = 64;

  private final PluginSettings settings;
  private final PluginGate gate;
  private final BiConsumer<String, String> progress;
  private final PluginService service;
  private final Map<RunId, PluginActivity> activities = new ConcurrentHashMap<>();
  private final Map<RunId, String> preparing = new ConcurrentHashMap<>();

  /// @param gate has a say in what may run
  /// @param progress told what a task's image (first) is waiting for (second)
  public PluginDriver(
      PluginSettings settings, PluginGate gate, BiConsumer<String, String> progress) {
    this.settings = settings;
    this.gate = gate;
    this.progress = progress;
    this.service = new PluginService(settings, this::event);
  }

  private void event(PluginMessage event) {
    switch (event) {
      case PluginMessage.Output(RunId run, long end) -> {
        PluginActivity activity = activities.get(run);
        if (activity != null) {
          activity.wrote(end);
        }
      }
      case PluginMessage.Changed(RunId run, PluginStatus status) -> {
        PluginActivity activity = activities.get(run);
        if (activity != null) {
          activity.take(status);
        }
      }
      case PluginMessage.Progress(RunId run, String text) -> {
        String image = preparing.get(run);
        if (image != null && !image.isEmpty()) {
          progress.accept(image, text);
        }
      }
      case PluginMessage.Answer _, PluginMessage.Refusal _, PluginMessage.Unknown _ -> {}
    }
  }

  @Override
  public String name() {
    return settings.name();
  }

  PluginSettings settings() {
    return settings;
  }

  PluginService service() {
    return service;
  }

  /// Whether an error leaves it open what the runtime did.
  static boolean unsure(ErrorCode code) {
    return code == ErrorCode.TIMEOUT || code == ErrorCode.UNREACHABLE;
  }

  // ---- whether it works

  @Override
  public Fingerprint fingerprint() {
    try {
      PluginService.Connected at = service.connected(Duration.ofSeconds(2));
      List<Finding> findings = new ArrayList<>();
      findings.add(
          new Finding(
              "runtime",
              Finding.Level.OK,
              at.hello().program() + ", " + settings.program() + ", answers",
              ""));
      if (!at.hello().can(PluginHello.SANDBOX)) {
        findings.add(
            new Finding(
                "sandbox",
                Finding.Level.LIMITED,
                "it has none, so that it takes only tasks that ask for none",
                "allow them with --allow-unsandboxed, where you trust who sends tasks"));
      }
      at.link()
          .call(
              "fingerprint",
              PluginLink.params(),
              FINGERPRINT,
              result -> findings.addAll(findings(result)));
      return new Fingerprint(name(), findings);
    } catch (DriverException e) {
      return missing(e.text(), e.hint());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return missing("the trial was interrupted", "try again");
    }
  }

  private Fingerprint missing(String cause, String remedy) {
    return new Fingerprint(
        name(), List.of(new Finding("runtime", Finding.Level.MISSING, cause, remedy)));
  }

  private static List<Finding> findings(JsonNode result) throws IOException {
    JsonNode said = result.get("findings");
    if (said == null || !said.isArray() || said.size() > MOST_FINDINGS) {
      throw new IOException("'findings' is no list of at most " + MOST_FINDINGS);
    }
    List<Finding> findings = new ArrayList<>();
    for (JsonNode one : said) {
      String level = PluginField.text(one, "level", 20);
      try {
        findings.add(
            new Finding(
                PluginField.text(one, "what", 60),
                Finding.Level.valueOf(level.toUpperCase(Locale.ROOT)),
                PluginField.text(one, "cause", 500),
                one.has("remedy") ? PluginField.text(one, "remedy", 500) : ""));
      } catch (IllegalArgumentException e) {
        throw new IOException("'" + level + "' is no level of a finding", e);
      }
    }
    return findings;
  }

  @Override
  public boolean answers() throws InterruptedException {
    return service.answers();
  }

  @Override
  public int removeStrays(Set<RunId> known) throws DriverException, InterruptedException {
    ObjectNode params = PluginLink.params();
    ArrayNode runs = params.putArray("known");
    known.forEach(run -> runs.add(run.toString()));
    activities.keySet().stream()
        .filter(run -> !known.contains(run))
        .forEach(run -> runs.add(run.toString()));
    preparing.keySet().forEach(run -> runs.add(run.toString()));
    long[] removed = new long[1];
    service
        .connected(PATIENCE)
        .link()
        .call(
            "strays",
            params,
            STRAYS,
            result -> removed[0] = PluginField.number(result, "removed", 0, Integer.MAX_VALUE));
    return (int) removed[0];
  }

  // ---- runs

  /// As the program said when it answered last; one that has not is asked.
  @Override
  public Ability networks() {
    try {
      return service.connected(PATIENCE).hello().can(PluginHello.NETWORKS)
          ? Ability.FIXED
          : Ability.NONE;
    } catch (DriverException e) {
      return Ability.NONE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Ability.NONE;
    }
  }

  @Override
  public Prepared prepare(ActivitySpec spec) throws DriverException, InterruptedException {
    PluginService.Connected at = service.connected(PATIENCE);
    refuse(spec.workload(), at.hello());
    if (!spec.cards().isEmpty() && !at.hello().can(PluginHello.NETWORKS)) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "tasks of runtime " + name() + " cannot join a network",
          "leave the network out, or use another driver");
    }
    gate.admit(spec.workload().image());
    PluginFolder folder = new PluginFolder(spec.folder());
    String image = spec.workload().image();
    preparing.put(spec.id(), image == null ? "" : image);
    try {
      make(spec, folder);
      try {
        at.link().call("prepare", run(spec), PREPARE);
        attach(at, spec);
      } catch (DriverException | InterruptedException e) {
        undo(spec.id(), folder);
        throw e;
      }
      return new PluginPrepared(this, spec, folder, at);
    } finally {
      preparing.remove(spec.id());
    }
  }

  private void refuse(Workload workload, PluginHello hello) throws DriverException {
    if (workload.isolation() == Workload.Isolation.SANDBOX && !hello.can(PluginHello.SANDBOX)) {
      throw new DriverException(
          ErrorCode.NO_SANDBOX,
          "runtime " + name() + " keeps payloads in no sandbox",
          "ask for none with --unsandboxed, where the provider allows that, or use another driver");
    }
    if (workload.image() != null && !hello.can(PluginHello.IMAGES)) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST, "runtime " + name() + " runs no images", "leave the image out");
    }
    if ((workload.publishAll() || !workload.ports().isEmpty()) && !hello.can(PluginHello.PORTS)) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST, "runtime " + name() + " publishes no ports", "leave them out");
    }
  }

  private void make(ActivitySpec spec, PluginFolder folder) throws DriverException {
    try {
      folder.make();
    } catch (FileAlreadyExistsException e) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "run " + spec.id() + " was prepared before: " + spec.folder() + " is there",
          "a run begins once; give the next one a higher epoch",
          e);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.DISK_FULL,
          "could not make the folder of run " + spec.id() + ", " + spec.folder(),
          "see that disk, and who may write there",
          e);
    }
  }

  /// Tells a runtime which cards a run that it has prepared is to have, all at once.
  private static void attach(PluginService.Connected at, ActivitySpec spec)
      throws DriverException, InterruptedException {
    if (!spec.cards().isEmpty()) {
      ObjectNode params = PluginLink.params(spec.id());
      PluginCard.into(params.putArray("cards"), spec.cards());
      at.link().call("attach", params, ATTACH);
    }
  }

  private static ObjectNode run(ActivitySpec spec) {
    ObjectNode params = PluginLink.params(spec.id());
    params.put("folder", spec.folder().toAbsolutePath().toString());
    params.set("workload", Json.mapper().valueToTree(spec.workload()));
    return params;
  }

  /// Undoes what was prepared. Where the runtime cannot be told, the folder stays: `recover` tells
  /// it then.
  void undo(RunId run, PluginFolder folder) {
    boolean interrupted = Thread.interrupted();
    try {
      service.connected(Duration.ofSeconds(1)).link().call("close", PluginLink.params(run), CLOSE);
      folder.remove();
    } catch (DriverException e) {
      log.warn("run {} could not be undone: {}", run, e.text());
    } catch (IOException e) {
      log.warn("folder {} is left for recovery", folder.path(), e);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Recovered recover(ActivitySpec spec) throws DriverException, InterruptedException {
    PluginActivity live = activities.get(spec.id());
    if (live != null) {
      return new Recovered.Found(live);
    }
    PluginFolder folder = new PluginFolder(spec.folder());
    if (!folder.exists()) {
      return new Recovered.NeverStarted();
    }
    try {
      PluginFolder.End end = folder.readEnd();
      if (end != null) {
        PluginActivity ended = new PluginActivity(this, spec, folder);
        ended.endedBefore(end);
        return new Recovered.Found(ended);
      }
      PluginService.Connected at = service.connected(Duration.ofSeconds(2));
      if (!folder.starting()) {
        at.link().call("close", PluginLink.params(spec.id()), CLOSE);
        folder.remove();
        return new Recovered.NeverStarted();
      }
      PluginActivity activity = activity(spec, folder, at.hello());
      boolean found = false;
      try {
        found = find(at.link(), spec, activity);
      } finally {
        if (!found) {
          forget(spec.id());
        }
      }
      if (!found) {
        folder.remove();
        return new Recovered.NeverStarted();
      }
      activity.watch();
      return new Recovered.Found(activity);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "could not read the folder of run " + spec.id() + ", " + spec.folder(),
          "see that disk",
          e);
    }
  }

  /// Asks the runtime for a run whose start was asked for.
  ///
  /// @return false if it promises that the payload never began and never will
  boolean find(PluginLink link, ActivitySpec spec, PluginActivity activity)
      throws DriverException, InterruptedException {
    boolean[] found = new boolean[1];
    link.call(
        "recover",
        run(spec),
        RECOVER,
        result -> {
          JsonNode said = result.get("found");
          if (said == null || !said.isBoolean()) {
            throw new IOException("no 'found', true or false");
          }
          if (said.booleanValue()) {
            activity.take(PluginStatus.of(PluginField.object(result, "status"), Instant.now()));
          }
          found[0] = said.booleanValue();
        });
    return found[0];
  }

  PluginActivity activity(ActivitySpec spec, PluginFolder folder, PluginHello hello) {
    PluginActivity activity =
        hello.can(PluginHello.EXEC)
            ? new EnterablePluginActivity(this, spec, folder)
            : new PluginActivity(this, spec, folder);
    activities.put(spec.id(), activity);
    return activity;
  }

  void forget(RunId run) {
    activities.remove(run);
  }

  /// Whether a run of it has not ended.
  public boolean runs() {
    return !activities.isEmpty();
  }

  /// Ends the program too, if this driver started it: for one that was only to be tried.
  public void dismantle() throws InterruptedException {
    close();
    service.endProgram();
  }

  /// Lets go of the runtime; it goes on with what it runs.
  @Override
  public void close() {
    service.close();
    activities.values().forEach(PluginActivity::letGo);
  }
}
