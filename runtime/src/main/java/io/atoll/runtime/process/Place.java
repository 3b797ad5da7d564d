package io.atoll.runtime.process;

import io.atoll.core.os.FolderRemoval;
import io.atoll.core.os.Machine;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.card.CardText;
import io.atoll.runtime.card.HostsFile;
import io.atoll.runtime.cgroup.Cgroups;
import io.atoll.runtime.cgroup.Limits;
import io.atoll.runtime.cgroup.RunGroup;
import io.atoll.runtime.driver.ActivitySpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes everything a run needs before it starts, in this order, and undoes it in reverse when a
/// step fails: its uid, its control groups, its folder. The folder gets its name last: from then on
/// a daemon that comes back finds the run, and before then nothing of it counts.
final class Place {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /// Bubblewrap itself and the first process of the sandbox count as processes of the run.
  private static final int PROCESSES_OF_SANDBOX = 2;

  private static final int MAX_OPEN_FILES = 65_536;

  /// A step of the way back.
  private interface Undo {
    void run() throws IOException, InterruptedException;
  }

  private final ProcessSettings settings;
  private final Cgroups cgroups;
  private final @Nullable UidRange uids;
  private final Sandbox sandbox;
  private final String bootId;

  /// @param uids null: payloads run as the daemon's own user
  Place(ProcessSettings settings, Cgroups cgroups, @Nullable UidRange uids, Sandbox sandbox)
      throws IOException {
    this.settings = settings;
    this.cgroups = cgroups;
    this.uids = uids;
    this.sandbox = sandbox;
    this.bootId = Machine.bootId();
  }

  /// A place that is ready.
  record Made(RunFolder folder, RunGroup group, int uid) {}

  /// @param program of the task's image; null: the command names one of the host
  Made make(ActivitySpec spec, Handover handover, @Nullable Program program)
      throws IOException, InterruptedException {
    Deque<Undo> undo = new ArrayDeque<>();
    try {
      int uid = -1;
      if (uids != null) {
        UidRange range = uids;
        int taken = range.take(spec.id().toString());
        undo.push(() -> range.release(taken, spec.id().toString()));
        uid = taken;
      }
      Workload workload = spec.workload();
      boolean boxed = workload.isolation() == Workload.Isolation.SANDBOX;
      String name = spec.folder().getFileName().toString();
      RunFolder folder = new RunFolder(spec.folder().toAbsolutePath());
      Path draft = folder.draft();
      FolderRemoval.remove(draft);
      Files.createDirectory(draft, RunFolder.PRIVATE);
      undo.push(() -> FolderRemoval.remove(draft));
      Resources most = workload.resources();
      RunGroup group =
          cgroups.make(
              name,
              new Limits(
                  most.cpuMillis(),
                  most.memory(),
                  workload.maxProcesses() + (boxed ? PROCESSES_OF_SANDBOX : 0L)));
      undo.push(
          () -> {
            for (Path part : group.entry().folders()) {
              Files.deleteIfExists(part);
            }
          });
      boolean onDisk = !boxed || (most.disk() > 0 && (uid < 0 || Sandbox.stage() != null));
      if (onDisk) {
        Path work = Files.createDirectory(draft.resolve("work"), RunFolder.PRIVATE);
        if (uid >= 0) {
          Machine.give(work, uid, uid);
        }
        if (uid >= 0 && handover.meeting() != null) {
          Machine.give(handover.meeting(), uid, uid);
        }
      }
      if (!spec.cards().isEmpty()) {
        Files.writeString(draft.resolve("resolv.conf"), CardText.resolver(spec.cards()));
        HostsFile.write(draft.resolve(HostsFile.NAME), spec.cards());
      }
      Files.write(
          draft.resolve(SpecFile.NAME),
          describe(spec, handover, program, folder, group, uid, onDisk));
      Files.move(draft, folder.path(), StandardCopyOption.ATOMIC_MOVE);
      return new Made(folder, group, uid);
    } catch (IOException | RuntimeException e) {
      while (!undo.isEmpty()) {
        try {
          undo.pop().run();
        } catch (IOException again) {
          e.addSuppressed(again);
        }
      }
      throw e;
    }
  }

  private byte[] describe(
      ActivitySpec spec,
      Handover handover,
      @Nullable Program program,
      RunFolder folder,
      RunGroup group,
      int uid,
      boolean onDisk)
      throws IOException {
    Workload workload = spec.workload();
    boolean boxed = workload.isolation() == Workload.Isolation.SANDBOX;
    SpecFile file = new SpecFile().word("boot", bootId);
    if (uid >= 0) {
      // A uid of its own makes this a limit of the run, also where there is no control group.
      long processes = workload.maxProcesses() + (boxed ? PROCESSES_OF_SANDBOX : 0L);
      file.word("uid", uid).word("gid", uid).word("nproc", processes);
    }
    file.group(group.entry());
    file.word("segment", settings.segmentBytes()).word("segments", settings.segments());
    file.word("nofile", MAX_OPEN_FILES);
    long disk = workload.resources().disk();
    if (disk > 0) {
      file.word("fsize", disk);
    }
    handover.files().forEach(each -> file.word("file", each.descriptor() + ":" + each.file()));
    spec.cards().forEach(card -> file.word("card", CardText.word(card)));
    Path work = onDisk ? folder.work() : null;
    Path names = spec.cards().isEmpty() ? null : folder.path();
    if (boxed) {
      // The run's own user cannot walk to a folder that lies in the daemon's.
      Path stage =
          uid < 0 || (work == null && program == null && names == null) ? null : Sandbox.stage();
      if (stage != null) {
        file.word("stage", stage);
        if (work != null) {
          file.word("work", work);
        }
        if (work != null && handover.device() != null) {
          file.word("device", handover.device());
        }
        if (program != null) {
          file.word("image", program.folder());
        }
        if (names != null) {
          file.word("hosts", names.resolve(HostsFile.NAME));
        }
      }
      if (work != null && handover.meeting() != null) {
        file.word("meet", handover.meeting());
      }
      String host = names == null ? spec.id().toString() : spec.cards().getFirst().name();
      long memory = workload.resources().memory();
      Path meeting = work == null ? null : handover.meeting();
      sandbox.describe(file, host, memory, work, stage, handover.device(), meeting, program, names);
    } else {
      if (work != null) {
        file.word("work", work);
      }
      if (handover.alone() && uid >= 0) {
        file.word("alone", 1);
      }
    }
    if (program != null) {
      file.word("arg", program.path());
    }
    workload.command().forEach(word -> file.word("arg", word));
    Map<String, String> env = new LinkedHashMap<>();
    env.put("PATH", PATH);
    env.put("HOME", boxed || work == null ? "/work" : work.toString());
    env.putAll(workload.env());
    env.put(Remains.MARK, spec.id().toString());
    env.forEach((key, value) -> file.word("env", key + "=" + value));
    return file.end();
  }

  /// Gives back the uid of a run whose folder is gone; safe to do twice.
  void release(ActivitySpec spec, int uid) {
    if (uids != null && uid >= 0) {
      uids.release(uid, spec.id().toString());
    }
  }
}
