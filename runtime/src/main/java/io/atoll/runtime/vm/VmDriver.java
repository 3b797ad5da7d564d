package io.atoll.runtime.vm;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Native;
import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Port;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DeepSuspends;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.PutsInNetworks;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.guest.GuestCards;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.QmpException;
import io.atoll.runtime.qemu.disk.OverlayDisk;
import io.atoll.runtime.qemu.disk.Qcow2Header.ForeignDiskException;
import io.atoll.runtime.qemu.disk.VmImage;
import io.atoll.runtime.qemu.seed.CloudSeed;
import io.atoll.runtime.qemu.seed.GuestProgram;
import io.atoll.runtime.vm.VmCommandLine.Birth;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Runs virtual machines from cloud images; the package doc says what a task may say.
public final class VmDriver implements DeepSuspends, PutsInNetworks, AutoCloseable {
  /// Threads of QEMU: one a processor, and those that read and write for it.
  private static final int THREADS = 256;

  private static final long ALIGNED = 1 << 20;

  /// What a disk's own tables, the log and the seed take beside the guest's bytes.
  private static final long BESIDE_DISK = 128L << 20;

  private static final Duration CONNECT = Duration.ofSeconds(30);

  private final ProcessDriver processes;
  private final VmSettings settings;
  private final VmListener listener;
  private final GuestProgram program;
  private final DiskGate gate;
  private final @Nullable Templates templates;

  /// @param processes starts QEMU and finds it again; the driver of the folder in which runs lie
  public VmDriver(ProcessDriver processes, VmSettings settings, VmListener listener)
      throws IOException {
    this(processes, settings, listener, DiskGate.OPEN);
  }

  /// @param gate asked of every image before a machine of it is prepared
  public VmDriver(ProcessDriver processes, VmSettings settings, VmListener listener, DiskGate gate)
      throws IOException {
    this.gate = gate;
    this.processes = processes;
    this.settings = settings;
    this.listener = listener;
    this.program = GuestProgram.of(processes.supervisor());
    this.templates = settings.cloning() ? new Templates(processes, settings) : null;
  }

  @Override
  public String name() {
    return "vm";
  }

  @Override
  public boolean suspendsDeep() {
    return true;
  }

  @Override
  public Ability networks() {
    return Native.missing() == null ? Ability.MOVABLE : Ability.NONE;
  }

  @Override
  public Fingerprint fingerprint() {
    return tried(settings);
  }

  /// Tries what machines need, without one.
  public static Fingerprint tried(VmSettings settings) {
    List<Finding> findings = new ArrayList<>();
    try {
      QemuProgram program = QemuProgram.ask(settings.qemu().path());
      boolean enough = program.atLeast(7, 2);
      findings.add(
          new Finding(
              "qemu",
              enough ? Finding.Level.OK : Finding.Level.MISSING,
              program.path() + " is QEMU " + program.text(),
              enough ? "" : "install QEMU 7.2 or newer"));
      if (enough) {
        findings.add(QemuTrial.of(settings));
      }
    } catch (IOException e) {
      findings.add(missing("qemu", String.valueOf(e.getMessage()), "install QEMU 7.2 or newer"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      findings.add(missing("qemu", "interrupted while it was tried", "try again"));
    }
    if (!Files.isExecutable(settings.qemuImg())) {
      findings.add(missing("qemu-img", settings.qemuImg() + " is not there", "install qemu-utils"));
    }
    if (!settings.kvm()) {
      findings.add(
          new Finding(
              "acceleration",
              Finding.Level.LIMITED,
              "guests are emulated in software, some twenty times slower",
              "give this machine a /dev/kvm that works"));
    }
    findings.add(images(settings.images()));
    return new Fingerprint("vm", findings);
  }

  private static Finding images(Path images) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(images)) {
      for (Path folder : folders) {
        if (Files.exists(folder.resolve(VmImage.DISK))
            && !String.valueOf(folder.getFileName()).startsWith(".")) {
          names.add(String.valueOf(folder.getFileName()));
        }
      }
    } catch (IOException e) {
      // No folder, no images.
    }
    return names.isEmpty()
        ? new Finding(
            "images",
            Finding.Level.LIMITED,
            "none in " + images,
            "make one: atoll image build debian-12")
        : new Finding("images", Finding.Level.OK, String.join(", ", names), "");
  }

  /// Gives up the templates that are being made. Machines go on.
  @Override
  public void close() {
    if (templates != null) {
      templates.close();
    }
  }

  private static Finding missing(String what, String cause, String remedy) {
    return new Finding(what, Finding.Level.MISSING, cause, remedy);
  }

  @Override
  public Prepared prepare(ActivitySpec spec) throws DriverException, InterruptedException {
    Workload workload = spec.workload();
    if (workload.publishAll()) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "a disk image does not say which ports it serves",
          "name the ports to publish");
    }
    GuestCards cards = GuestCards.of(spec.id(), spec.cards());
    GuestOrder order = GuestOrder.of(spec.id(), workload, cards);
    MachineShape shape = MachineShape.of(workload.resources());
    VmImage image = image(workload.image());
    gate.admit(String.valueOf(workload.image()), image.disk());
    long size = size(image, workload.resources().disk());
    Optional<Template> template =
        templates == null || image.recipe().isEmpty() // who knows whether it has an agent
            ? Optional.empty()
            : templates.find(image, shape);
    // A machine in a network is reached there, and nowhere else, unless it is asked for.
    List<Port> ports =
        cards.count() > 0 && workload.ports().isEmpty()
            ? List.of()
            : VmCommandLine.withSsh(workload.ports());
    Adapters adapters = order.adapters(ports);
    Birth birth = template.isPresent() ? new Birth.Restore() : new Birth.Boot(adapters);
    List<String> words =
        VmCommandLine.of(settings, shape, image, birth, ports, order.command().isEmpty());
    long memory = (long) shape.memoryMib() << 20;
    long limit = room(size) + room(size + VmSnapshots.ROOM * memory) + bytes(image, template);
    List<String> again =
        VmCommandLine.of(
            settings,
            shape,
            image,
            new Birth.Revival(adapters),
            List.of(),
            order.command().isEmpty());
    ActivitySpec qemu = process(spec, words, again, shape, limit);
    // Its cards end in files of its folder; only ports of the host take a network of the host.
    Prepared process =
        adapters.own() == null ? processes.prepareAlone(qemu) : processes.prepareOwn(qemu);
    VmFolder folder = new VmFolder(spec.folder().toAbsolutePath());
    try {
      fill(folder, image, order, adapters, size, template);
      if (cards.count() > 0) {
        cards.write(folder.path());
      }
      folder.mark(VmFolder.LIMIT, limit + " " + memory + " " + size);
      return new VmPrepared(
          settings, spec, process, folder, order, ports, size, image, template, listener);
    } catch (IOException e) {
      process.close();
      boolean full = String.valueOf(e.getMessage()).contains("No space left");
      throw new DriverException(
          full ? ErrorCode.DISK_FULL : ErrorCode.INTERNAL,
          "no disk for machine " + spec.id() + ": " + e.getMessage(),
          full ? "free space in " + spec.folder().getParent() : "see `atoll doctor`",
          e);
    } catch (InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  private VmImage image(@Nullable String name) throws DriverException {
    if (name == null || !name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,100}")) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          name == null
              ? "a virtual machine needs an image"
              : "not a name of an image: '" + name + "'",
          "for example debian-12, made by `atoll image build debian-12`");
    }
    try {
      return VmImage.of(settings.images().resolve(name));
    } catch (NoSuchFileException e) {
      throw new DriverException(
          ErrorCode.IMAGE_NOT_FOUND,
          "there is no image '" + name + "' in " + settings.images(),
          "`atoll image build debian-12` makes one",
          e);
    } catch (ForeignDiskException e) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "the disk of image '" + name + "' is refused: " + e.why(),
          "import one that stands alone",
          e);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "image '" + name + "' cannot be read: " + e.getMessage(),
          "see " + settings.images(),
          e);
    }
  }

  private static long size(VmImage image, long asked) throws DriverException {
    if (asked == 0) {
      return image.virtualSize();
    }
    if (asked < image.virtualSize()) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "a disk of "
              + ByteSize.format(asked)
              + " is smaller than the image's, "
              + ByteSize.format(image.virtualSize()),
          "ask for at least that, or for no size");
    }
    return (asked + ALIGNED - 1) / ALIGNED * ALIGNED;
  }

  /// What a layer takes that holds so much, once over for the machine and once for its snapshots.
  private static long room(long bytes) {
    return bytes + bytes / 50 + BESIDE_DISK;
  }

  private static long bytes(VmImage image, Optional<Template> template) {
    long sum = 0;
    for (Path file : List.of(image.disk(), image.folder().resolve(VmImage.KERNEL))) {
      sum += file.toFile().length();
    }
    return sum + template.map(each -> each.disk().toFile().length()).orElse(0L);
  }

  /// The same run as its supervisor sees it: a program with files.
  ///
  /// @param again words of a QEMU that brings the machine back into memory
  static ActivitySpec process(
      ActivitySpec spec, List<String> words, List<String> again, MachineShape shape, long limit) {
    return new ActivitySpec(
        spec.id(),
        new Workload(
            "vm",
            null,
            VmCommandLine.whole(words, again),
            Map.of(),
            new Resources(
                spec.workload().resources().cpuMillis(),
                shape.hostMemory(words.contains("kvm")),
                limit),
            THREADS,
            List.of(),
            false,
            Workload.Isolation.BARE),
        spec.folder());
  }

  private void fill(
      VmFolder folder,
      VmImage image,
      GuestOrder order,
      Adapters adapters,
      long size,
      Optional<Template> template)
      throws IOException, InterruptedException {
    folder.link(image.disk(), VmFolder.BASE);
    String below = VmFolder.BASE;
    long now = size;
    if (template.isPresent()) {
      folder.mark(VmFolder.CLONE, "");
      folder.link(template.get().disk(), VmFolder.TEMPLATE_DISK);
      below = VmFolder.TEMPLATE_DISK;
      now = image.virtualSize();
    } else {
      linkKernel(folder, image);
    }
    OverlayDisk.make(settings.qemuImg(), folder.work(VmFolder.DISK), below, now);
    folder.give(VmFolder.DISK);
    boolean boots = template.isEmpty() && !order.command().isEmpty();
    CloudSeed seed =
        new CloudSeed(
            order.instance(),
            order.host(),
            order.keys(),
            adapters.own(),
            order.networks().cards().stream()
                .collect(Collectors.toMap(NetworkCard::device, NetworkCard::mac)),
            order.userData(),
            boots
                ? CommandScript.vendorScript(
                    order.command(),
                    order.env(),
                    order.networks().count() > 0 ? CardScript.SETTLED : "")
                : null,
            program,
            order.networks().count() > 0 ? CardScript.hook(order.networks()) : null);
    Files.write(folder.work(VmFolder.SEED), seed.disk());
    folder.give(VmFolder.SEED);
  }

  static void linkKernel(VmFolder folder, VmImage image) throws IOException {
    if (image.kernel() != null && image.initramfs() != null) {
      folder.link(image.kernel(), VmFolder.KERNEL);
      folder.link(image.initramfs(), VmFolder.INITRAMFS);
    }
  }

  @Override
  public Recovered recover(ActivitySpec spec) throws DriverException, InterruptedException {
    VmFolder folder = new VmFolder(spec.folder().toAbsolutePath());
    String limit = folder.markedWith(VmFolder.LIMIT).split(" ", 2)[0];
    long bytes = limit.matches("[0-9]{1,18}") ? Long.parseLong(limit) : 0;
    ActivitySpec process = process(spec, List.of(), List.of(), new MachineShape(1, 0), bytes);
    if (!(processes.recover(process) instanceof Recovered.Found(var found))) {
      return new Recovered.NeverStarted();
    }
    List<String> command = spec.workload().command();
    String program = command.isEmpty() ? "" : command.getFirst();
    VmActivity activity = new VmActivity(found, folder, program, listener);
    if (folder.marked(VmFolder.CLONE) && !folder.marked(VmFolder.RELEASED)) {
      activity.destroy(); // half a clone is nobody, and whoever was making it is gone
      return new Recovered.NeverStarted();
    }
    if (found.state() == VmActivity.State.TERMINATED) {
      activity.await();
      return new Recovered.Found(activity);
    }
    if (folder.deep().exists()) {
      activity.foundAsleep();
      return new Recovered.Found(activity);
    }
    try (Qmp qmp = activity.qmp(CONNECT)) {
      activity.foundAwake();
      folder.mark(VmFolder.UP, "");
      activity.learn(qmp);
      if (folder.marked(VmFolder.CLONE) && !folder.marked(VmFolder.BEGUN)) {
        GuestCards cards = GuestCards.read(folder.path());
        Cloning.releaseAgain(activity, GuestOrder.of(spec.id(), spec.workload(), cards));
      }
    } catch (QmpException e) {
      activity.tell(VmPhase.Kind.SILENT, "QEMU runs and does not answer: " + e.getMessage());
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.INTERNAL,
          "the folder of machine " + spec.id() + " cannot be written: " + e.getMessage(),
          "see " + spec.folder(),
          e);
    }
    Readiness.watch(activity, settings.readyWithin());
    Addressing.settleAgain(activity);
    return new Recovered.Found(activity);
  }
}
