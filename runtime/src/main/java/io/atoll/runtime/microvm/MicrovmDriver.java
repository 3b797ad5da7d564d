package io.atoll.runtime.microvm;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Native;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DeepSuspends;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.PutsInNetworks;
import io.atoll.runtime.driver.Reclaims;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.microvm.AcceleratorProbe.Verdict;
import io.atoll.runtime.microvm.MicrovmCommand.Beginning;
import io.atoll.runtime.microvm.MicrovmFolder.End;
import io.atoll.runtime.microvm.MicrovmFolder.Plan;
import io.atoll.runtime.output.OutputWriter;
import io.atoll.runtime.process.HandedFile;
import io.atoll.runtime.process.Handover;
import io.atoll.runtime.qemu.Accelerator;
import io.atoll.runtime.qemu.HostSystem;
import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.qemu.Qmp;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs container images in virtual machines of their own. Linux on x86-64.
public final class MicrovmDriver implements DeepSuspends, PutsInNetworks, Reclaims, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MicrovmDriver.class);
  private static final Duration QMP_LIMIT = Duration.ofSeconds(5);

  /// What fingerprints try: the smallest that most tasks ask for.
  private static final Resources USUAL = new Resources(1000, 128L << 20, 0);

  private final MicrovmSettings settings;
  private final MicrovmImages images;
  private final Consumer<DeepStep> reached;
  private final QemuProgram qemu;
  private final GuestFiles guest;
  private final Hypervisors hypervisors;
  private final Templates templates;
  private final CompletableFuture<Verdict> kvm = new CompletableFuture<>();
  private final Map<RunId, MicrovmActivity> activities = new ConcurrentHashMap<>();

  /// Begins to try the accelerators in the background; until that is known, guests run emulated.
  ///
  /// @throws IOException if QEMU, the guest's kernel or a sandbox for QEMU is missing
  public MicrovmDriver(MicrovmSettings settings, MicrovmImages images)
      throws IOException, InterruptedException {
    this(settings, images, step -> {});
  }

  /// @param reached is told how far guests are on their way out of memory and back
  MicrovmDriver(MicrovmSettings settings, MicrovmImages images, Consumer<DeepStep> reached)
      throws IOException, InterruptedException {
    if (Native.missing() != null || !System.getProperty("os.arch", "").equals("amd64")) {
      throw new IOException("the microvm driver works on Linux on x86-64 only");
    }
    this.settings = settings;
    this.images = images;
    this.reached = reached;
    Path given = settings.qemu();
    Path program =
        given != null
            ? given
            : QemuProgram.find("x86_64", List.of(settings.guest().resolve("qemu")))
                .orElseThrow(
                    () -> new IOException("no qemu-system-x86_64 is installed on this machine"));
    this.qemu = QemuProgram.ask(program);
    if (!qemu.atLeast(7, 2)) {
      throw new IOException("QEMU 7.2 or newer is needed; " + program + " is " + qemu.text());
    }
    this.guest = GuestFiles.in(settings.guest());
    Files.createDirectories(settings.state());
    this.hypervisors = new Hypervisors(settings.hostProcesses());
    this.templates =
        new Templates(
            settings.state().resolve("templates"), guest, qemu, hypervisors, settings.bootLimit());
    Thread.ofVirtual().name("probe kvm").start(this::probe);
  }

  private void probe() {
    try {
      kvm.complete(AcceleratorProbe.probe(qemu, guest, Accelerator.KVM, AcceleratorProbe.LIMIT));
    } catch (InterruptedException | RuntimeException e) {
      kvm.complete(new Verdict(Accelerator.KVM, false, "it could not be tried: " + e));
    }
  }

  private Accelerator accelerator() {
    Verdict verdict = kvm.getNow(null);
    return verdict != null && verdict.works() ? Accelerator.KVM : Accelerator.TCG;
  }

  @Override
  public String name() {
    return "microvm";
  }

  @Override
  public boolean suspendsDeep() {
    return true;
  }

  @Override
  public Ability networks() {
    return Ability.MOVABLE;
  }

  @Override
  public Fingerprint fingerprint() {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        new Finding("qemu", Level.OK, "version " + qemu.text() + " at " + qemu.path(), ""));
    for (Finding each : hypervisors.fingerprint().findings()) {
      findings.add(each);
    }
    Verdict verdict = kvm.join();
    findings.add(
        verdict.works()
            ? new Finding("kvm", Level.OK, verdict.cause(), "")
            : new Finding(
                "kvm",
                Level.LIMITED,
                verdict.cause(),
                "guests are emulated in software, some twenty times slower; give this machine KVM"
                    + " that runs a Linux guest"));
    try {
      MachineShape usual = MachineShape.of(qemu, accelerator(), USUAL, 0);
      long begin = System.nanoTime();
      Template _ = templates.await(usual, settings.bootLimit());
      long millis = (System.nanoTime() - begin) / 1_000_000;
      findings.add(new Finding("guest", Level.OK, "a guest was ready in " + millis + " ms", ""));
    } catch (IOException e) {
      findings.add(
          new Finding(
              "guest",
              Level.MISSING,
              "no guest came up: " + e.getMessage(),
              "see whether qemu-system-x86 and its firmware are installed whole"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      findings.add(new Finding("guest", Level.MISSING, "the trial was interrupted", "try again"));
    }
    return new Fingerprint(name(), findings);
  }

  /// Waits until guests of this size begin as copies of a template.
  ///
  /// @throws IOException if no template can be made
  public void awaitTemplate(Resources resources, Duration atMost)
      throws IOException, InterruptedException {
    awaitTemplate(resources, 0, atMost);
  }

  /// The same for guests with so many network cards.
  public void awaitTemplate(Resources resources, int cards, Duration atMost)
      throws IOException, InterruptedException {
    Template _ = templates.await(MachineShape.of(qemu, accelerator(), resources, cards), atMost);
  }

  @Override
  public Prepared prepare(ActivitySpec spec) throws DriverException, InterruptedException {
    Workload workload = spec.workload();
    String reference = workload.image();
    if (reference == null) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST, "a microvm task needs an image", "name one with --image");
    }
    if (!workload.ports().isEmpty() || workload.publishAll()) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "a microvm task cannot publish ports of this machine: it has none of its network",
          "give it a network with --net, or use the docker driver for a task with ports");
    }
    MicrovmFolder folder = new MicrovmFolder(spec.folder().toAbsolutePath());
    if (folder.exists()) {
      throw conflict(spec.id());
    }
    MicrovmImage image = images.resolve(spec.id(), reference);
    GuestCards cards = GuestCards.of(spec.id(), spec.cards());
    byte[] words = StartWords.of(spec, image, cards);
    MachineShape shape = MachineShape.of(qemu, accelerator(), workload.resources(), cards.count());
    Optional<Template> template = template(shape, image);
    Plan plan = new Plan(shape, image.squashfs().toString(), workload.resources().cpuMillis(), 0);
    Prepared machine = prepareMachine(spec.id(), plan, template);
    try {
      // Last: from now on a daemon that comes back finds the run.
      Files.createDirectory(
          folder.path(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      folder.writePlan(plan);
      if (cards.count() > 0) {
        cards.write(folder.path());
      }
    } catch (FileAlreadyExistsException e) {
      undo(spec.id(), machine);
      throw conflict(spec.id());
    } catch (IOException e) {
      undo(spec.id(), machine);
      remove(folder);
      throw new DriverException(
          ErrorCode.INTERNAL,
          "no place for run " + spec.id() + ": " + e.getMessage(),
          "see that the disk of " + folder.path() + " has room",
          e);
    }
    return new MicrovmPrepared(
        spec,
        folder,
        machine,
        template.isPresent(),
        hypervisors,
        settings.bootLimit(),
        outputEnd -> register(spec.id(), folder, words, new GuestState(false, outputEnd), cards),
        () -> templates.drop(shape));
  }

  private void undo(RunId id, Prepared machine) throws InterruptedException {
    machine.close();
    hypervisors.removeMeeting(id);
  }

  private static void remove(MicrovmFolder folder) {
    try {
      folder.delete();
    } catch (IOException e) {
      log.warn("cannot remove {}: {}", folder.path(), e.toString());
    }
  }

  private Optional<Template> template(MachineShape shape, MicrovmImage image)
      throws DriverException {
    try {
      return settings.templates() && Files.size(image.squashfs()) <= Templates.DISK
          ? templates.get(shape)
          : Optional.empty();
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.IMAGE_NOT_FOUND,
          "the image's file " + image.squashfs() + " cannot be read: " + e.getMessage(),
          "import or pull the image again",
          e);
    }
  }

  private Prepared prepareMachine(RunId id, Plan plan, Optional<Template> template)
      throws DriverException, InterruptedException {
    List<HandedFile> files = new ArrayList<>();
    Beginning beginning;
    if (template.isPresent()) {
      files.add(new HandedFile(Handed.MEMORY, template.get().memory()));
      files.add(new HandedFile(Handed.STATE, template.get().state()));
      beginning = new Beginning.Clone(Handed.path(Handed.MEMORY));
    } else {
      files.add(new HandedFile(Handed.KERNEL, guest.kernel()));
      files.add(new HandedFile(Handed.INITRAMFS, guest.initramfs()));
      beginning = new Beginning.Boot(Handed.path(Handed.KERNEL), Handed.path(Handed.INITRAMFS));
    }
    return prepareMachine(id, plan, beginning, files);
  }

  /// For a guest that comes back from its file.
  private Prepared prepareRevival(RunId id, Plan plan)
      throws DriverException, InterruptedException {
    return prepareMachine(id, plan, new Beginning.Revival(), new ArrayList<>());
  }

  private Prepared prepareMachine(RunId id, Plan plan, Beginning beginning, List<HandedFile> files)
      throws DriverException, InterruptedException {
    files.add(new HandedFile(Handed.IMAGE, Path.of(plan.image())));
    MicrovmCommand command =
        new MicrovmCommand(
            qemu.path().toString(),
            HostSystem.current(),
            plan.shape(),
            beginning,
            "/dev/fdset/1",
            Handed.IMAGE,
            Hypervisors.WORK,
            Handover.MEETING);
    Path meeting = null;
    try {
      if (plan.shape().cards() > 0) {
        hypervisors.makeMeeting(id);
        meeting = hypervisors.meeting(id);
      }
      return hypervisors.prepare(id, command, plan.cpuMillis(), 0, files, meeting);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.DISK_FULL,
          "no place for the network cards of run " + id + ": " + e.getMessage(),
          "see that the disk of " + hypervisors.meeting(id) + " has room",
          e);
    } catch (DriverException e) {
      if (e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
      throw conflict(id);
    }
  }

  private static DriverException conflict(RunId id) {
    return new DriverException(
        ErrorCode.CONFLICT,
        "run " + id + " was prepared before: its folder is there",
        "recover it, or start a new run with a higher epoch");
  }

  private MicrovmActivity register(
      RunId id, MicrovmFolder folder, byte[] words, GuestState state, GuestCards cards) {
    MicrovmActivity activity =
        new MicrovmActivity(
            id,
            folder,
            hypervisors,
            sleep(id, folder),
            words,
            state,
            cards,
            () -> activities.remove(id));
    activities.put(id, activity);
    return activity;
  }

  /// QEMUs; what else a guest had is in its run's folder.
  @Override
  public List<RunId> strays(Set<RunId> known) throws IOException {
    return hypervisors.strays(known);
  }

  @Override
  public int reclaim(Collection<RunId> strays) throws InterruptedException {
    return hypervisors.reclaim(strays);
  }

  private DeepSleep sleep(RunId id, MicrovmFolder folder) {
    return new DeepSleep(id, folder, hypervisors, plan -> prepareRevival(id, plan), reached);
  }

  @Override
  public Recovered recover(ActivitySpec spec) throws DriverException, InterruptedException {
    MicrovmActivity known = activities.get(spec.id());
    if (known != null) {
      return new Recovered.Found(known);
    }
    MicrovmFolder folder = new MicrovmFolder(spec.folder().toAbsolutePath());
    if (!folder.exists()) {
      hypervisors.remove(spec.id()); // it was being prepared
      return new Recovered.NeverStarted();
    }
    try {
      End end = folder.readEnd();
      if (end != null) {
        hypervisors.remove(spec.id());
        folder.deep().drop();
        return new Recovered.Found(ended(spec, folder, end));
      }
      if (folder.deep().exists()) {
        return new Recovered.Found(asleep(spec, folder));
      }
      folder.deep().dropDraft();
      Optional<Activity> machine = hypervisors.find(spec.id());
      if (!folder.began()) {
        // Nobody else ever tells its guest to start: it may be started as if for the first time.
        hypervisors.remove(spec.id());
        folder.delete();
        return new Recovered.NeverStarted();
      }
      if (machine.isEmpty()) {
        hypervisors.removeMeeting(spec.id());
        return settled(spec, folder, Exit.lost("its QEMU is gone, with all that it had"));
      }
      GuestCards cards = GuestCards.read(folder.path());
      byte[] words = wordsAgain(spec, cards);
      OutputWriter writer = OutputWriter.open(folder.path());
      GuestState state = new GuestState(suspended(spec.id()), writer.end(), cards);
      MicrovmActivity activity = register(spec.id(), folder, words, state, cards);
      activity.beginAgain(machine.get(), writer);
      return new Recovered.Found(activity);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the folder of run " + spec.id() + " cannot be read: " + e.getMessage(),
          "see " + folder.path(),
          e);
    }
  }

  /// A run that gave its memory back: a QEMU that there still is, is not the truth.
  private MicrovmActivity asleep(ActivitySpec spec, MicrovmFolder folder)
      throws DriverException, IOException, InterruptedException {
    hypervisors.removeQemu(spec.id());
    GuestCards cards = GuestCards.read(folder.path());
    byte[] words;
    try {
      words = wordsAgain(spec, cards);
    } catch (DriverException e) {
      // Its payload has begun, all but surely: then they are not needed.
      log.warn("the image of run {} is not there any more: {}", spec.id(), e.text());
      words = new byte[0];
    }
    long written;
    try (OutputWriter writer = OutputWriter.open(folder.path())) {
      written = writer.end();
    }
    return register(spec.id(), folder, words, new GuestState(true, written, cards), cards);
  }

  /// For the moment between the mark that the payload may begin, and the guest's hearing of it.
  private byte[] wordsAgain(ActivitySpec spec, GuestCards cards)
      throws DriverException, InterruptedException {
    String reference = spec.workload().image();
    return reference == null
        ? new byte[0]
        : StartWords.of(spec, images.again(spec.id(), reference), cards);
  }

  private boolean suspended(RunId id) throws InterruptedException {
    try (Qmp qmp = Qmp.connect(hypervisors.work(id).resolve("qmp"), QMP_LIMIT, event -> {})) {
      return switch (qmp.execute("query-status").path("status").asText()) {
        case "paused", "finish-migrate", "postmigrate" -> true;
        default -> false;
      };
    } catch (IOException e) {
      log.debug("the QEMU of {} does not say how it is: {}", id, e.getMessage());
      return false;
    }
  }

  private Recovered settled(ActivitySpec spec, MicrovmFolder folder, Exit exit) throws IOException {
    Exit judged =
        folder.stopAsked() && folder.began() ? new Exit(Exit.Cause.STOPPED, 137, "") : exit;
    long written;
    try (OutputWriter writer = OutputWriter.open(folder.path())) {
      written = writer.end();
    }
    End end = new End(judged, null, written, -1, -1);
    folder.writeEnd(end);
    return new Recovered.Found(ended(spec, folder, end));
  }

  private MicrovmActivity ended(ActivitySpec spec, MicrovmFolder folder, End end) {
    return new MicrovmActivity(
        spec.id(),
        folder,
        hypervisors,
        sleep(spec.id(), folder),
        new byte[0],
        GuestState.ended(end),
        GuestCards.NONE,
        () -> {});
  }

  /// Lets go of all runs: they go on, and another driver on the same folders finds them.
  @Override
  public void close() {
    try {
      for (MicrovmActivity activity : List.copyOf(activities.values())) {
        activity.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    templates.close();
  }
}
