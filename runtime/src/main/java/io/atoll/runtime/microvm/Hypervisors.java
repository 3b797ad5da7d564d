package io.atoll.runtime.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.os.FolderRemoval;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.output.OutputRead;
import io.atoll.runtime.output.OutputReader;
import io.atoll.runtime.process.HandedFile;
import io.atoll.runtime.process.Handover;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.qemu.Accelerator;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// QEMUs as sandboxed process runs: under a supervisor, with a uid and a control group of their
/// own, without network, seeing nothing but what they are handed.
final class Hypervisors {
  private static final Logger log = LoggerFactory.getLogger(Hypervisors.class);

  /// Where a QEMU finds its writable folder.
  static final String WORK = "/work";

  private static final int MOST_THREADS = 256;
  private static final long SOCKETS = 16 << 20;

  private final ProcessDriver processes;
  private final Path runs;
  private final Path meetings;

  Hypervisors(ProcessSettings settings) throws IOException, InterruptedException {
    this.processes = new ProcessDriver(settings);
    this.runs = settings.runs();
    this.meetings = runs.resolveSibling("cards");
    Files.createDirectories(meetings);
    Files.setPosixFilePermissions(meetings, PosixFilePermissions.fromString("rwx------"));
  }

  Fingerprint fingerprint() {
    return processes.fingerprint();
  }

  /// The folder in which the QEMU of this run makes its sockets.
  Path work(RunId id) {
    return folder(id).resolve("work");
  }

  private Path folder(RunId id) {
    return runs.resolve(id.toString());
  }

  /// Where a run's network cards meet us. Unlike the rest of QEMU's it stays while the guest sleeps
  /// deeply: who is bound there is, when another QEMU of the run comes.
  Path meeting(RunId id) {
    return meetings.resolve(id.toString());
  }

  void makeMeeting(RunId id) throws IOException {
    Files.createDirectories(
        meeting(id),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  void removeMeeting(RunId id) throws InterruptedException {
    try {
      FolderRemoval.remove(meeting(id));
    } catch (IOException e) {
      log.warn("cannot remove {}: {}", meeting(id), e.toString());
    }
  }

  /// @param disk what it may write, beside its sockets
  /// @param meeting a folder for the sockets of its cards, which outlives it
  Prepared prepare(
      RunId id,
      MicrovmCommand command,
      long cpuMillis,
      long disk,
      List<HandedFile> files,
      @Nullable Path meeting)
      throws DriverException, InterruptedException {
    Resources limits =
        new Resources(
            cpuMillis,
            command.shape().memoryBytes() + command.shape().overheadBytes() + disk,
            SOCKETS + disk);
    Path device = command.shape().accelerator() == Accelerator.KVM ? Path.of("/dev/kvm") : null;
    return processes.prepare(
        spec(id, command.words(), limits), new Handover(files, device, meeting));
  }

  private ActivitySpec spec(RunId id, List<String> words, Resources limits) {
    Workload workload =
        new Workload(
            "process",
            null,
            words,
            Map.of(),
            limits,
            MOST_THREADS,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    return new ActivitySpec(id, workload, folder(id));
  }

  /// The QEMU of a run, if there was one and its folder is still there.
  Optional<Activity> find(RunId id) throws DriverException, InterruptedException {
    return processes.recover(spec(id, List.of("qemu"), Resources.NONE))
            instanceof Recovered.Found(Activity activity)
        ? Optional.of(activity)
        : Optional.empty();
  }

  /// Ends the QEMU of a run, if there is one, and removes all that it held.
  void remove(RunId id) throws DriverException, InterruptedException {
    removeQemu(id);
    removeMeeting(id);
  }

  /// The same, for a guest that another QEMU is to have.
  void removeQemu(RunId id) throws DriverException, InterruptedException {
    Optional<Activity> found = find(id);
    if (found.isPresent()) {
      found.get().destroy();
    }
  }

  List<RunId> strays(Set<RunId> known) throws IOException {
    Set<RunId> all = new TreeSet<>(processes.strays(known));
    try (DirectoryStream<Path> left = Files.newDirectoryStream(meetings)) {
      for (Path each : left) {
        RunId id = RunId.parse(String.valueOf(each.getFileName()));
        if (!known.contains(id)) {
          all.add(id);
        }
      }
    }
    return List.copyOf(all);
  }

  int reclaim(Collection<RunId> strays) throws InterruptedException {
    int reclaimed = processes.reclaim(strays);
    for (RunId id : strays) {
      removeMeeting(id);
    }
    return reclaimed;
  }

  /// The end of what QEMU and the guest's console said, for people.
  String lastWords(RunId id) {
    StringBuilder all = new StringBuilder();
    try (OutputReader reader = OutputReader.open(folder(id))) {
      long at = 0;
      while (true) {
        switch (reader.read(at, 64 << 10)) {
          case OutputRead.Chunks(List<OutputChunk> chunks) -> {
            for (OutputChunk chunk : chunks) {
              all.append(new String(chunk.data(), UTF_8));
              at = chunk.end();
            }
          }
          case OutputRead.Dropped(long until) -> at = until;
          case OutputRead.Nothing() -> {
            return clean(all.toString());
          }
        }
      }
    } catch (IOException e) {
      return clean(all.toString());
    }
  }

  private static String clean(String text) {
    String printable = text.replaceAll("\\p{Cntrl}+", " ").strip();
    int panic = printable.indexOf("Kernel panic");
    if (panic >= 0) {
      return printable.substring(panic, Math.min(printable.length(), panic + 160));
    }
    return printable.length() > 200 ? printable.substring(printable.length() - 200) : printable;
  }
}
