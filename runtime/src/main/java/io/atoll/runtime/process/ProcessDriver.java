package io.atoll.runtime.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.FolderRemoval;
import io.atoll.core.os.Machine;
import io.atoll.core.os.Native;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.cgroup.CgroupFinder;
import io.atoll.runtime.cgroup.Cgroups;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.PutsInNetworks;
import io.atoll.runtime.driver.Reclaims;
import io.atoll.runtime.driver.Recovered;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs programs of the host: each under a supervisor of its own, in a sandbox or, where the
/// operator allows it, bare. As root every run has a uid of its own; else it has the daemon's.
public final class ProcessDriver implements PutsInNetworks, Reclaims {
  private static final Logger log = LoggerFactory.getLogger(ProcessDriver.class);

  /// As many as `supervisor/cards.h` takes.
  private static final int MOST_CARDS = 16;

  private final ProcessSettings settings;
  private final Programs programs;
  private final Cgroups cgroups;
  private final @Nullable UidRange uids;
  private final Place place;
  private final Trial trial;

  /// Makes the folder of the runs if need be, and frees what earlier daemons held for runs that are
  /// gone. Linux only: elsewhere use [#available] first.
  ///
  /// @throws IOException if the folder of the runs cannot be used
  public ProcessDriver(ProcessSettings settings) throws IOException, InterruptedException {
    this(settings, Programs.OF_THE_HOST);
  }

  /// As above, with a say in what tasks may run.
  public ProcessDriver(ProcessSettings settings, Programs programs)
      throws IOException, InterruptedException {
    this(settings, programs, CgroupFinder::find);
  }

  /// How control groups are found.
  interface GroupSource {
    Cgroups find(@Nullable String given, String instance) throws IOException;
  }

  ProcessDriver(ProcessSettings settings, GroupSource groups)
      throws IOException, InterruptedException {
    this(settings, Programs.OF_THE_HOST, groups);
  }

  private ProcessDriver(ProcessSettings settings, Programs programs, GroupSource groups)
      throws IOException, InterruptedException {
    String missing = Native.missing();
    if (missing != null) {
      throw new IOException("the process driver cannot work here: " + missing);
    }
    this.settings = settings;
    this.programs = programs;
    Files.createDirectories(settings.runs());
    String instance = instance(settings.runs());
    this.cgroups = groups.find(settings.cgroup(), instance);
    this.uids = Machine.uid() == 0 ? UidRange.claim(settings.shared(), settings.runs()) : null;
    Sandbox sandbox = new Sandbox(settings, settings.runs().resolve(".sandbox"));
    this.place = new Place(settings, cgroups, uids, sandbox);
    this.trial = new Trial(settings, cgroups, uids != null, this::prepareUnchecked);
    sweep();
  }

  /// Whether this driver can be made on this system at all.
  public static boolean available() {
    return Native.missing() == null;
  }

  /// Names this daemon's state among all of the machine: the same for the same folder.
  private static String instance(Path runs) throws IOException {
    String path = runs.toRealPath().toString();
    return UUID.nameUUIDFromBytes(path.getBytes(UTF_8)).toString().substring(0, 13);
  }

  /// Learns which uids runs have, and removes what has no folder: groups of runs that were
  /// being prepared when the daemon died, and their drafts.
  private void sweep() throws IOException, InterruptedException {
    Set<String> names = new HashSet<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(settings.runs())) {
      for (Path path : folders) {
        String name = String.valueOf(path.getFileName());
        if (name.startsWith(".") && name.endsWith(".new")) {
          FolderRemoval.remove(path);
          continue;
        }
        RunFolder folder = new RunFolder(path);
        if (name.startsWith(Trial.PREFIX) && removeTrial(folder)) {
          continue;
        }
        names.add(name);
        if (uids != null) {
          for (String uid : SpecFile.values(path, "uid")) {
            uids.hold(Integer.parseInt(uid), name);
          }
        }
      }
    }
    for (String name : cgroups.names()) {
      if (!names.contains(name)) {
        for (Path part : cgroups.at(name).entry().folders()) {
          deleteQuietly(part);
        }
      }
    }
  }

  /// A trial that a daemon died in. It ends by itself in a moment.
  private static boolean removeTrial(RunFolder folder) throws IOException, InterruptedException {
    long until = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (Judgement.of(folder, String.valueOf(folder.path().getFileName())).isEmpty()) {
      if (System.nanoTime() > until) {
        return false;
      }
      Thread.sleep(10);
    }
    folder.delete();
    return true;
  }

  private static void deleteQuietly(Path group) {
    try {
      Files.deleteIfExists(group);
    } catch (IOException e) {
      // It is in use after all: by a trial of another driver on the same folder.
    }
  }

  /// Processor time that all runs of this driver used so far; -1 if it cannot be told.
  public long cpuNanos() {
    return cgroups.cpuNanos();
  }

  /// Gives back what this driver holds of the machine beside its runs. For a driver that was made
  /// to find something out, and has no runs: afterwards it is of no use.
  public void dismantle() {
    cgroups.remove();
  }

  /// The program that keeps runs and sessions; static, for this machine's processor.
  public Path supervisor() {
    return settings.supervisor();
  }

  @Override
  public String name() {
    return "process";
  }

  @Override
  public Fingerprint fingerprint() {
    return trial.fingerprint();
  }

  @Override
  public Prepared prepare(ActivitySpec spec) throws DriverException, InterruptedException {
    return prepare(spec, Handover.NOTHING);
  }

  /// As above, with more than a task may ask for.
  public Prepared prepare(ActivitySpec spec, Handover handover)
      throws DriverException, InterruptedException {
    check(spec.workload());
    checkCards(spec);
    String image = spec.workload().image();
    if (image == null) {
      programs.admitHostProgram();
      return prepareUnchecked(spec, handover, null);
    }
    return prepareUnchecked(spec, handover, programs.resolveProgram(spec.id(), image));
  }

  /// As `prepare`, without a sandbox and without asking whether bare tasks are allowed: for a
  /// program of ours that confines foreign code itself. It has supervisor, uid, limits and
  /// control groups like every other.
  public Prepared prepareOwn(ActivitySpec spec) throws DriverException, InterruptedException {
    return prepareOwn(spec, Handover.NOTHING);
  }

  /// As above, for a program that needs no network: as root it is in one of its own, with nothing
  /// in it, so that whoever breaks out of it reaches nobody.
  public Prepared prepareAlone(ActivitySpec spec) throws DriverException, InterruptedException {
    return prepareOwn(spec, Handover.ALONE);
  }

  private Prepared prepareOwn(ActivitySpec spec, Handover handover)
      throws DriverException, InterruptedException {
    if (spec.workload().isolation() != Workload.Isolation.BARE) {
      throw new IllegalArgumentException("a program of ours confines itself");
    }
    checkCards(spec);
    return prepareUnchecked(spec, handover, null);
  }

  @Override
  public Ability networks() {
    try {
      trial.needCards();
      return Ability.MOVABLE;
    } catch (DriverException e) {
      log.info("no processes in networks: {}; {}", e.text(), e.hint());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Ability.NONE;
  }

  private void checkCards(ActivitySpec spec) throws DriverException, InterruptedException {
    if (spec.cards().isEmpty()) {
      return;
    }
    if (spec.workload().isolation() == Workload.Isolation.BARE) {
      throw refused(
          "a task without a sandbox is in the host's own network, and cannot join another",
          "leave --unsandboxed or the network out");
    }
    if (spec.cards().size() > MOST_CARDS) {
      throw refused(
          "a task cannot be in " + spec.cards().size() + " networks", "join at most " + MOST_CARDS);
    }
    trial.needCards();
  }

  private void check(Workload workload) throws DriverException, InterruptedException {
    boolean image = workload.image() != null;
    if (image && workload.isolation() == Workload.Isolation.BARE) {
      throw refused(
          "a program of an image runs in the sandbox only", "leave --unsandboxed or the image out");
    }
    if (!workload.ports().isEmpty() || workload.publishAll()) {
      throw refused(
          "a process task cannot publish ports: it has no network",
          "use the docker driver for a task with ports");
    }
    if (!image && (workload.command().isEmpty() || workload.command().getFirst().isEmpty())) {
      throw refused("a process task needs a program to run", "name one behind --");
    }
    for (String word : workload.command()) {
      if (word.indexOf('\0') >= 0) {
        throw refused("an argument contains a zero byte", "no program can take one; leave it out");
      }
    }
    for (var variable : workload.env().entrySet()) {
      if (variable.getKey().isEmpty()
          || variable.getKey().indexOf('=') >= 0
          || (variable.getKey() + variable.getValue()).indexOf('\0') >= 0) {
        throw refused(
            "'"
                + variable.getKey().replace('\0', '?')
                + "' is no name or has no value of a variable",
            "write NAME=VALUE, without zero bytes");
      }
    }
    switch (workload.isolation()) {
      case SANDBOX -> trial.needSandbox();
      case BARE -> {
        if (!settings.allowBare()) {
          throw new DriverException(
              ErrorCode.DENIED,
              "this node runs nothing without a sandbox",
              uids != null
                  ? "run it in the sandbox, or ask the operator to allow unsandboxed tasks"
                  : "run it in the sandbox; unsandboxed it would have all that the daemon's user"
                      + " has, unless the operator allows that");
        }
      }
    }
  }

  private static DriverException refused(String message, String hint) {
    return new DriverException(ErrorCode.BAD_REQUEST, message, hint);
  }

  private Prepared prepareUnchecked(ActivitySpec spec)
      throws DriverException, InterruptedException {
    return prepareUnchecked(spec, Handover.NOTHING, null);
  }

  private Prepared prepareUnchecked(ActivitySpec spec, Handover handover, @Nullable Program program)
      throws DriverException, InterruptedException {
    if (Files.exists(spec.folder())) {
      throw conflict(spec);
    }
    try {
      Place.Made made = place.make(spec, handover, program);
      return new ProcessPrepared(settings, spec, made, () -> place.release(spec, made.uid()));
    } catch (FileSystemException e) {
      if (Files.exists(spec.folder())) {
        throw conflict(spec);
      }
      throw noPlace(spec, e);
    } catch (IOException e) {
      throw noPlace(spec, e);
    }
  }

  private static DriverException conflict(ActivitySpec spec) {
    return new DriverException(
        ErrorCode.CONFLICT,
        "run " + spec.id() + " was prepared before: its folder is there",
        "recover it, or start a new run with a higher epoch");
  }

  private static DriverException noPlace(ActivitySpec spec, IOException e) {
    boolean full = String.valueOf(e.getMessage()).contains("No space left");
    return new DriverException(
        full ? ErrorCode.DISK_FULL : ErrorCode.INTERNAL,
        "no place for run " + spec.id() + ": " + e.getMessage(),
        full ? "free space in " + spec.folder().getParent() : "see `atoll doctor`",
        e);
  }

  @Override
  public Recovered recover(ActivitySpec spec) throws DriverException, InterruptedException {
    RunFolder folder = new RunFolder(spec.folder().toAbsolutePath());
    if (!folder.exists()) {
      return new Recovered.NeverStarted();
    }
    try {
      Optional<RunRecord> end = Judgement.of(folder, spec.id().toString());
      int uid =
          SpecFile.values(folder.path(), "uid").stream()
              .findFirst()
              .map(Integer::valueOf)
              .orElse(-1);
      var group = cgroups.at(folder.path().getFileName().toString());
      if (end.isPresent()) {
        return new Recovered.Found(
            ProcessActivity.ended(
                spec,
                folder,
                group,
                settings.supervisor(),
                end.get(),
                () -> place.release(spec, uid)));
      }
      ProcessActivity activity =
          new ProcessActivity(
              spec, folder, group, settings.supervisor(), -1, () -> place.release(spec, uid));
      activity.begin(true);
      ProcessPrepared.watchDisk(activity, spec, folder);
      return new Recovered.Found(activity);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the folder of run " + spec.id() + " cannot be read: " + e.getMessage(),
          "see " + folder.path(),
          e);
    }
  }

  @Override
  public List<RunId> strays(Set<RunId> known) throws IOException {
    List<RunId> strays = new ArrayList<>();
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(settings.runs(), Files::isDirectory)) {
      for (Path folder : folders) {
        RunId id = run(String.valueOf(folder.getFileName()));
        if (id != null && !known.contains(id)) {
          strays.add(id);
        }
      }
    }
    return strays;
  }

  private static @Nullable RunId run(String name) {
    try {
      return RunId.parse(name);
    } catch (IllegalArgumentException e) {
      return null; // not a run's
    }
  }

  @Override
  public int reclaim(Collection<RunId> strays) throws InterruptedException {
    int gone = 0;
    for (RunId id : strays) {
      Workload unknown =
          new Workload(
              name(),
              null,
              List.of("unknown"),
              Map.of(),
              Resources.NONE,
              1,
              List.of(),
              false,
              Workload.Isolation.SANDBOX);
      try {
        Path folder = settings.runs().resolve(id.toString());
        if (recover(new ActivitySpec(id, unknown, folder))
            instanceof Recovered.Found(Activity activity)) {
          activity.destroy();
          gone++;
        }
      } catch (DriverException e) {
        log.warn("what is left of run {} stays for now: {}", id, e.text());
      }
    }
    return gone;
  }

  /// How a run is started without the checks that need the trial.
  interface Preparation {
    Prepared prepare(ActivitySpec spec) throws DriverException, InterruptedException;
  }
}
