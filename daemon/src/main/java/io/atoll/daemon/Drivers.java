package io.atoll.daemon;

import io.atoll.core.term.RunId;
import io.atoll.daemon.DaemonSettings.Machines;
import io.atoll.market.agreement.Networking;
import io.atoll.runtime.docker.ContainerGate;
import io.atoll.runtime.docker.DockerDriver;
import io.atoll.runtime.docker.DockerSettings;
import io.atoll.runtime.docker.PullListener;
import io.atoll.runtime.driver.DeepSuspends;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.EngineBacked;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.PutsInNetworks;
import io.atoll.runtime.image.content.DurableFiles;
import io.atoll.runtime.microvm.MicrovmDriver;
import io.atoll.runtime.microvm.MicrovmSettings;
import io.atoll.runtime.plugin.PluginDriver;
import io.atoll.runtime.plugin.PluginGate;
import io.atoll.runtime.plugin.PluginSettings;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.process.Programs;
import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.vm.VmDriver;
import io.atoll.runtime.vm.VmListener;
import io.atoll.runtime.vm.VmPhase;
import io.atoll.runtime.vm.VmSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The drivers of this machine, and what they found out by trying.
///
/// @param drivers by name; also those that do not work now, so that their runs can be found again
/// @param fingerprints one a driver, the process driver's first
/// @param images that runs have leases on
/// @param pulls tells how the fetching of an image goes, once somebody listens
/// @param phases tells how far virtual machines are, once somebody listens
/// @param late by name, the trials of engines that took longer than the start waits for
record Drivers(
    Map<String, Driver> drivers,
    List<Fingerprint> fingerprints,
    Map<String, Future<Fingerprint>> late,
    Pulls pulls,
    MachineImages images,
    Phases phases)
    implements AutoCloseable {
  /// Folder of the data folder for images of virtual machines.
  static final String MACHINE_IMAGES = "vm-images";

  /// What drivers call their trial of private networks.
  private static final String NETWORKS = "networks";

  private static final Logger LOG = LoggerFactory.getLogger(Drivers.class);

  /// What an engine that is slow to answer may cost the daemon's start.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// Connects the driver that fetches images with who is made after it.
  static final class Pulls implements PullListener {
    private volatile PullListener listener = (image, line) -> {};

    void to(PullListener next) {
      listener = next;
    }

    @Override
    public void progress(String image, String line) {
      listener.progress(image, line);
    }
  }

  /// Connects the driver of virtual machines with who is made after it.
  static final class Phases implements VmListener {
    private volatile VmListener listener = (run, phase) -> {};

    void to(VmListener next) {
      listener = next;
    }

    @Override
    public void phase(RunId run, VmPhase phase) {
      listener.phase(run, phase);
    }
  }

  /// Processor time that guests used so far; -1 where that of one cannot be told.
  long cpuNanos() {
    // QEMU is a process run, so machines are in the process driver's figure.
    long process = drivers.get("process") instanceof ProcessDriver driver ? driver.cpuNanos() : 0;
    long docker = drivers.get("docker") instanceof DockerDriver driver ? driver.cpuNanos() : 0;
    boolean others =
        drivers.values().stream()
            .anyMatch(driver -> driver instanceof PluginDriver plugin && plugin.runs());
    return process < 0 || docker < 0 || others ? -1 : process + docker;
  }

  /// Makes every driver and lets all try at once.
  static Drivers of(DaemonSettings settings) throws InterruptedException {
    return of(settings, PATIENCE);
  }

  /// @param patience with engines; one that is not done then is found by `late`
  static Drivers of(DaemonSettings settings, Duration patience) throws InterruptedException {
    LocalImages local =
        LocalImages.of(settings.dataDir(), System.getenv(), null, settings.registry());
    beginTrust(local);
    Pulls pulls = new Pulls();
    MachineImages images = new MachineImages(local.images(), local.gate(), pulls);
    Map<String, Driver> drivers = new LinkedHashMap<>();
    List<Fingerprint> fingerprints = new ArrayList<>();
    try {
      drivers.put("process", process(settings, images));
    } catch (IOException e) {
      fingerprints.add(notMade(e));
    }
    drivers.put("docker", docker(settings, pulls, local.gate()));
    Phases phases = new Phases();
    if (settings.vm() != Machines.NONE) {
      try {
        drivers.put("vm", vm(settings, drivers.get("process"), phases, local.gate()));
      } catch (IOException e) {
        fingerprints.add(noMachines(e));
        LOG.warn("no virtual machines here: {}", reason(e));
      }
    }
    List<Driver> quick = List.copyOf(drivers.values());
    if (settings.microvm()) {
      try {
        drivers.put("microvm", microvm(settings, images));
        fingerprints.add(missing("microvm", "guest", "it is being tried", "wait a minute"));
      } catch (IOException e) {
        fingerprints.add(
            missing("microvm", "microvm driver", reason(e), "see docs/install.md for microVMs"));
        LOG.warn("no microVMs here: {}", reason(e));
      }
    }
    for (String name : settings.runtimes().keySet()) {
      drivers.put(name, runtime(settings, name, pulls, local.gate()::admitByName));
      fingerprints.add(missing(name, "runtime", "it is being tried", "wait a moment"));
    }
    Map<String, Future<Fingerprint>> tries = new LinkedHashMap<>();
    for (Driver driver : quick) {
      FutureTask<Fingerprint> trial = new FutureTask<>(driver::fingerprint);
      Thread.ofVirtual().name("trial " + driver.name()).start(trial);
      tries.put(driver.name(), trial);
    }
    Map<String, Future<Fingerprint>> late = new HashMap<>();
    long deadline = System.nanoTime() + patience.toNanos();
    for (Driver driver : quick) {
      Future<Fingerprint> trial = Objects.requireNonNull(tries.get(driver.name()));
      try {
        fingerprints.add(
            driver instanceof EngineBacked
                ? trial.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)
                : trial.get());
      } catch (TimeoutException e) {
        late.put(driver.name(), trial);
        fingerprints.add(
            missing(driver.name(), "engine", "it is slow, and still being tried", "wait a moment"));
        LOG.warn("the engine of {} is slow; the start does not wait for it", driver.name());
      } catch (ExecutionException e) {
        throw new IllegalStateException("a driver failed to try", e);
      }
    }
    return new Drivers(
        Map.copyOf(drivers), List.copyOf(fingerprints), Map.copyOf(late), pulls, images, phases);
  }

  /// The same drivers, one of which has tried again.
  Drivers with(Fingerprint newer) {
    return new Drivers(
        drivers,
        fingerprints.stream()
            .map(known -> known.driver().equals(newer.driver()) ? newer : known)
            .toList(),
        late,
        pulls,
        images,
        phases);
  }

  /// Without a policy nothing may run.
  private static void beginTrust(LocalImages local) {
    try {
      local.trust().begin();
    } catch (IOException e) {
      throw DurableFiles.failure("write the trust policy", local.trust().file(), e);
    }
  }

  static ProcessDriver process(DaemonSettings settings, Programs programs)
      throws IOException, InterruptedException {
    Path runs = settings.dataDir().resolve("runs");
    return new ProcessDriver(
        ProcessSettings.of(settings.supervisor(), runs).withBare(settings.bare()), programs);
  }

  static DockerDriver docker(DaemonSettings settings, PullListener pulls, ContainerGate gate) {
    Path socket = settings.dockerSocket();
    URI engine =
        socket == null
            ? DockerSettings.findEngine(System.getenv())
            : URI.create("unix://" + socket.toAbsolutePath());
    DockerSettings docker = DockerSettings.loopback(engine, instance(settings.dataDir()));
    return new DockerDriver(docker.withSupervisor(settings.supervisor()), pulls, gate);
  }

  /// The folder of the guests' kernel and initramfs.
  static Path guest() {
    return Path.of(System.getProperty("atoll.guest", "/usr/lib/atoll/guest"));
  }

  /// Its trial boots a guest, and is left to who has the time.
  private static MicrovmDriver microvm(DaemonSettings settings, MachineImages images)
      throws IOException, InterruptedException {
    return new MicrovmDriver(
        MicrovmSettings.of(settings.supervisor(), guest(), settings.dataDir().resolve("microvm")),
        images);
  }

  /// Its program is started with the first thing that is asked of it.
  static PluginDriver runtime(
      DaemonSettings settings, String name, PullListener pulls, PluginGate gate) {
    return new PluginDriver(
        new PluginSettings(
            name,
            Objects.requireNonNull(settings.runtimes().get(name)),
            settings.dataDir().resolve("runtimes").resolve(name),
            settings.supervisor()),
        gate,
        pulls::progress);
  }

  /// @param process keeps each QEMU, beside the runs that are its own
  private static VmDriver vm(
      DaemonSettings settings, @Nullable Driver process, VmListener listener, MachineTrust trust)
      throws IOException, InterruptedException {
    if (!(process instanceof ProcessDriver processes)) {
      throw new IOException("the process driver, which keeps each machine's QEMU, is missing");
    }
    VmSettings machines = machines(settings.dataDir());
    return new VmDriver(
        processes,
        machines.withCloning(settings.vm() == Machines.CLONED),
        listener,
        trust::admitDisk);
  }

  /// @throws IOException if there is no QEMU
  static VmSettings machines(Path dataDir) throws IOException, InterruptedException {
    Path program =
        QemuProgram.find("x86_64", List.of())
            .orElseThrow(
                () ->
                    new IOException(
                        "no qemu-system-x86_64 in the folders of PATH, /usr/bin or /usr/local/bin"));
    return VmSettings.of(
        QemuProgram.ask(program), dataDir.resolve(MACHINE_IMAGES), dataDir.resolve("vm-templates"));
  }

  static Fingerprint noMachines(IOException why) {
    return missing(
        "vm", "vm driver", reason(why), "install QEMU 7.2 or newer: qemu-system-x86, qemu-utils");
  }

  /// What is known of the process driver where it cannot even be made.
  static Fingerprint notMade(IOException why) {
    return missing(
        "process", "process driver", reason(why), "on this system use the docker driver");
  }

  private static Fingerprint missing(String driver, String what, String cause, String remedy) {
    return new Fingerprint(
        driver, List.of(new Finding(what, Finding.Level.MISSING, cause, remedy)));
  }

  private static String reason(IOException why) {
    return String.valueOf(why.getMessage());
  }

  /// The same for the same data folder, another for another.
  private static String instance(Path dataDir) {
    return Integer.toHexString(dataDir.toAbsolutePath().normalize().toString().hashCode());
  }

  /// Names of those that may be offered.
  List<String> available() {
    return fingerprints.stream()
        .filter(Fingerprint::available)
        .map(Fingerprint::driver)
        .sorted()
        .toList();
  }

  /// Names of those whose runs can give their memory back while they are suspended.
  List<String> deep() {
    return available().stream()
        .filter(each -> drivers.get(each) instanceof DeepSuspends driver && driver.suspendsDeep())
        .toList();
  }

  /// What their runs can have of private networks.
  ///
  /// @param host whether the machine itself may be a member
  Networking networking(boolean host) {
    List<String> able = new ArrayList<>();
    List<String> movable = new ArrayList<>();
    for (String each : available()) {
      if (drivers.get(each) instanceof PutsInNetworks driver && !failed(each, NETWORKS)) {
        switch (driver.networks()) {
          case NONE -> {}
          case FIXED -> able.add(each);
          case MOVABLE -> {
            able.add(each);
            movable.add(each);
          }
        }
      }
    }
    return new Networking(able, movable, host);
  }

  /// Whether a driver tried a thing in vain.
  private boolean failed(String driver, String what) {
    return fingerprints.stream()
        .filter(print -> print.driver().equals(driver))
        .flatMap(print -> print.findings().stream())
        .anyMatch(finding -> finding.what().equals(what) && finding.level() != Finding.Level.OK);
  }

  /// Limits that this machine cannot enforce, one sentence each.
  List<String> missing() {
    return fingerprints.stream()
        .filter(Fingerprint::available)
        .flatMap(
            print ->
                print.findings().stream()
                    .filter(finding -> finding.level() == Finding.Level.LIMITED)
                    .map(
                        finding -> print.driver() + ": " + finding.what() + ": " + finding.cause()))
        .toList();
  }

  @Override
  public void close() {
    for (Driver driver : drivers.values()) {
      switch (driver) {
        case DockerDriver docker -> docker.close();
        case MicrovmDriver microvm -> microvm.close();
        case VmDriver vm -> vm.close();
        case PluginDriver plugin -> plugin.close();
        default -> {}
      }
    }
  }
}
