package io.atoll.runtime.microvm;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Native;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.microvm.AcceleratorProbe.Verdict;
import io.atoll.runtime.microvm.MicrovmCommand.Beginning;
import io.atoll.runtime.microvm.MicrovmFolder.End;
import io.atoll.runtime.output.OutputWriter;
import io.atoll.runtime.process.HandedFile;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs container images in virtual machines of their own. Linux on x86-64.
public final class MicrovmDriver implements Driver, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MicrovmDriver.class);
  private static final Duration QMP_LIMIT = Duration.ofSeconds(5);

  /// What fingerprints try: the smallest that most tasks ask for.
  private static final Resources USUAL = new Resources(1000, 128L << 20, 0);

  private final MicrovmSettings settings;
  private final MicrovmImages images;
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
    if (Native.missing() != null || !System.getProperty("os.arch", "").equals("amd64")) {
      throw new IOException("the microvm driver works on Linux on x86-64 only");
    }
    this.settings = settings;
    this.images = images;
    Path given = settings.qemu();
    Path program =
        given != null
            ? given
            : QemuProgram.find("x86_64", List.of())
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
      MachineShape usual = MachineShape.of(qemu, accelerator(), USUAL);
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
    Template _ = templates.await(MachineShape.of(qemu, accelerator(), resources), atMost);
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
          "a microvm task cannot publish ports: it has no network",
          "use the docker driver for a task with ports");
    }
    MicrovmFolder folder = new MicrovmFolder(spec.folder().toAbsolutePath());
    if (folder.exists()) {
      throw conflict(spec);
    }
    MicrovmImage image = images.resolve(spec.id(), reference);
    byte[] words = StartWords.of(spec, image);
    MachineShape shape = MachineShape.of(qemu, accelerator(), workload.resources());
    Optional<Template> template = template(shape, image);
    Prepared machine = prepareMachine(spec, shape, image, template);
    try {
      // Last: from now on a daemon that comes back finds the run.
      Files.createDirectory(
          folder.path(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      machine.close();
      throw conflict(spec);
    } catch (IOException e) {
      machine.close();
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
        (running, writer) -> register(spec.id(), folder, running, writer, words, false),
        () -> templates.drop(shape));
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

  private Prepared prepareMachine(
      ActivitySpec spec, MachineShape shape, MicrovmImage image, Optional<Template> template)
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
    files.add(new HandedFile(Handed.IMAGE, image.squashfs()));
    MicrovmCommand command =
        new MicrovmCommand(
            qemu.path().toString(),
            HostSystem.current(),
            shape,
            beginning,
            "/dev/fdset/1",
            Handed.IMAGE,
            Hypervisors.WORK);
    try {
      return hypervisors.prepare(
          spec.id(), command, spec.workload().resources().cpuMillis(), 0, files);
    } catch (DriverException e) {
      if (e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
      throw conflict(spec);
    }
  }

  private static DriverException conflict(ActivitySpec spec) {
    return new DriverException(
        ErrorCode.CONFLICT,
        "run " + spec.id() + " was prepared before: its folder is there",
        "recover it, or start a new run with a higher epoch");
  }

  private MicrovmActivity register(
      RunId id,
      MicrovmFolder folder,
      Activity machine,
      OutputWriter writer,
      byte[] words,
      boolean suspended) {
    MicrovmActivity activity =
        new MicrovmActivity(
            id,
            folder,
            machine,
            hypervisors,
            writer,
            words,
            suspended,
            () -> activities.remove(id));
    activities.put(id, activity);
    return activity;
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
        return new Recovered.Found(ended(spec, folder, end));
      }
      Optional<Activity> machine = hypervisors.find(spec.id());
      if (!folder.began()) {
        // Nobody else ever tells its guest to start.
        hypervisors.remove(spec.id());
        return settled(spec, folder, Exit.startFailed("the daemon ended before it could start it"));
      }
      if (machine.isEmpty()) {
        return settled(spec, folder, Exit.lost("its QEMU is gone, with all that it had"));
      }
      OutputWriter writer = OutputWriter.open(folder.path());
      MicrovmActivity activity =
          register(
              spec.id(), folder, machine.get(), writer, wordsAgain(spec), suspended(spec.id()));
      activity.beginAgain();
      return new Recovered.Found(activity);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the folder of run " + spec.id() + " cannot be read: " + e.getMessage(),
          "see " + folder.path(),
          e);
    }
  }

  /// For the moment between the mark that the payload may begin, and the guest's hearing of it.
  private byte[] wordsAgain(ActivitySpec spec) throws DriverException, InterruptedException {
    String reference = spec.workload().image();
    return reference == null
        ? new byte[0]
        : StartWords.of(spec, images.again(spec.id(), reference));
  }

  private boolean suspended(RunId id) throws InterruptedException {
    try (Qmp qmp = Qmp.connect(hypervisors.work(id).resolve("qmp"), QMP_LIMIT, event -> {})) {
      return qmp.execute("query-status").path("status").asText().equals("paused");
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
    return new MicrovmActivity(spec.id(), folder, hypervisors, end, () -> {});
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
