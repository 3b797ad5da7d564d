package io.atoll.daemon;

import io.atoll.client.api.Build;
import io.atoll.client.cli.Command;
import io.atoll.client.cli.Context;
import io.atoll.client.config.Settings;
import io.atoll.core.os.Native;
import io.atoll.daemon.doctor.DaemonTrial;
import io.atoll.daemon.doctor.DialTrial;
import io.atoll.daemon.doctor.Doctor;
import io.atoll.daemon.doctor.Examination;
import io.atoll.daemon.doctor.Examination.Weight;
import io.atoll.daemon.doctor.FolderTrial;
import io.atoll.daemon.doctor.Report;
import io.atoll.daemon.doctor.Report.Check;
import io.atoll.daemon.doctor.SystemTrials;
import io.atoll.daemon.peers.NetworkSettings;
import io.atoll.runtime.docker.ContainerGate;
import io.atoll.runtime.docker.DockerDriver;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import io.atoll.runtime.plugin.PluginDriver;
import io.atoll.runtime.plugin.PluginGate;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.Programs;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

@CommandLine.Command(
    name = "doctor",
    header = "Try everything that a daemon needs here, and say what to do about the rest.",
    description = {
      "",
      "Runs a sandboxed program and a container, writes to the disk, dials a peer. A daemon that runs"
          + " is asked, never disturbed. What the sandbox and the limits of a service can do may"
          + " differ from what a shell can: try as the same user. Exit status 0 if a provider could"
          + " run something and nothing that it needs is missing, else 1."
    },
    footer = {"  atoll doctor", "  atoll doctor -o json", "  sudo -u atoll atoll doctor"})
final class DoctorCommand extends Command {
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  @Override
  protected int run(Context context) throws Exception {
    Path dataDir = context.dataDir();
    Settings said = context.settings();
    context.progress("trying, at most " + PATIENCE.toSeconds() + " s");
    Report report;
    try (ScratchFolder own = scratch(dataDir)) {
      report = Doctor.examine(examinations(dataDir, settings(said, own.path())), PATIENCE);
    }
    if (context.json()) {
      context.printJson(report);
    } else if (context.quiet()) {
      context.print(report.ready() ? "ready" : "not ready");
    } else {
      show(context, report);
    }
    return report.ready() ? 0 : 1;
  }

  /// On the disk of the data folder where that can be written to; else anywhere.
  private static ScratchFolder scratch(Path dataDir) throws IOException {
    if (Files.isDirectory(dataDir) && Files.isWritable(dataDir)) {
      try {
        return ScratchFolder.in(dataDir, ".doctor-");
      } catch (IOException e) {
        // The trial of the data folder says so.
      }
    }
    return ScratchFolder.make("atoll-doctor-");
  }

  /// As `up` would have them, but with a folder of their own: no run of a daemon is in it.
  private static DaemonSettings settings(Settings said, Path folder) {
    return new DaemonSettings(
        folder,
        false,
        true,
        new InetSocketAddress(0),
        SwarmKeyFile.read(said, PeerSettings.SWARM_KEY)
            .map(NetworkSettings.at()::withKey)
            .orElse(NetworkSettings.at()),
        List.of(),
        "doctor",
        null,
        UpSettings.flag(said, UpSettings.BARE),
        false,
        UpSettings.file(said, UpSettings.DOCKER),
        false,
        DaemonSettings.Machines.NONE,
        "",
        UpSettings.runtimes(said),
        Map.of(),
        OwnerSettings.rules(said),
        OwnerSettings.thresholds(said),
        null,
        NetSettings.of(said),
        SupervisorProgram.ofThisInstallation());
  }

  private static List<Examination> examinations(Path dataDir, DaemonSettings trial) {
    List<Examination> all = new ArrayList<>();
    all.add(new Examination("java", Weight.NEEDED, SystemTrials::java));
    all.add(new Examination("clock", Weight.NEEDED, () -> SystemTrials.clock(dataDir)));
    all.add(new Examination("data folder", Weight.NEEDED, () -> FolderTrial.of(dataDir)));
    if (Native.linux()) {
      all.add(
          new Examination(
              "supervisor",
              Weight.NEEDED,
              () -> List.of(SupervisorProgram.tried(trial.supervisor()))));
    }
    all.add(new Examination("process", Weight.DRIVER, () -> process(trial)));
    all.add(new Examination("docker", Weight.DRIVER, () -> docker(trial)));
    all.add(new Examination("vm", Weight.NOTE, () -> MachineTrial.whole(dataDir)));
    all.add(new Examination("microvm", Weight.NOTE, MachineTrial::micro));
    all.add(new Examination("runs", Weight.NOTE, () -> Reclaimed.of(dataDir)));
    trial
        .runtimes()
        .forEach(
            (name, program) ->
                all.add(new Examination(name, Weight.DRIVER, () -> runtime(trial, name))));
    all.add(new Examination("dial", Weight.NEEDED, DialTrial::loopback));
    all.add(
        new Examination(
            "hubs", Weight.NOTE, () -> DialTrial.hubs(dataDir, trial.network().stack())));
    all.add(
        new Examination(
            "daemon",
            Weight.NEEDED,
            new DaemonTrial(dataDir, DataFolder.lock(dataDir), Build.version())::run));
    return all;
  }

  private static List<Finding> process(DaemonSettings trial) throws InterruptedException {
    try {
      ProcessDriver driver = Drivers.process(trial, Programs.OF_THE_HOST);
      try {
        return driver.fingerprint().findings();
      } finally {
        driver.dismantle();
      }
    } catch (IOException e) {
      return Drivers.notMade(e).findings();
    }
  }

  private static List<Finding> docker(DaemonSettings trial) {
    try (DockerDriver driver = Drivers.docker(trial, (image, line) -> {}, ContainerGate.OPEN)) {
      return driver.fingerprint().findings();
    }
  }

  /// One of its own is started, and ended again; the daemon's is not disturbed.
  private static List<Finding> runtime(DaemonSettings trial, String name)
      throws InterruptedException {
    PluginDriver driver = Drivers.runtime(trial, name, (image, line) -> {}, PluginGate.OPEN);
    try {
      return driver.fingerprint().findings();
    } finally {
      driver.dismantle();
    }
  }

  private static void show(Context context, Report report) {
    String part = "";
    for (Check check : report.checks()) {
      if (!check.part().equals(part)) {
        part = check.part();
        context.print(part);
      }
      context.print(
          "  " + word(context, check.level()) + "  " + check.what() + ": " + check.cause());
      if (check.level() != Level.OK && !check.remedy().isEmpty()) {
        context.print("           → " + check.remedy());
      }
    }
    context.print("");
    context.print(
        report.ready()
            ? "A provider can run tasks here: " + String.join(", ", report.drivers())
            : report.drivers().isEmpty()
                ? "A provider could run nothing here: neither the process nor the docker driver works"
                : "Something that a daemon needs is missing, see above");
  }

  private static String word(Context context, Level level) {
    String padded = (level + "       ").substring(0, 7);
    if (!context.color()) {
      return padded;
    }
    return switch (level) {
      case OK -> "\u001b[32m" + padded + "\u001b[0m";
      case LIMITED -> "\u001b[33m" + padded + "\u001b[0m";
      case MISSING -> "\u001b[31m" + padded + "\u001b[0m";
    };
  }
}
