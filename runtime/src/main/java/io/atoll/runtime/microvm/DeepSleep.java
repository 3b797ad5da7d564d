package io.atoll.runtime.microvm;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.Usage;
import io.atoll.runtime.microvm.MicrovmFolder.Plan;
import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.saved.DeepFile;
import io.atoll.runtime.qemu.saved.DeepFile.Remembered;
import io.atoll.runtime.qemu.saved.Meeting;
import io.atoll.runtime.qemu.saved.SavedMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Moves one guest between QEMU and the file in its run's folder. The file, once it has its name,
/// is the truth; it loses it before the guest goes on, so that never two of it run.
final class DeepSleep {
  private static final Logger log = LoggerFactory.getLogger(DeepSleep.class);
  private static final Duration CONNECT = Duration.ofSeconds(60);

  private static final Duration GIVING_UP = Duration.ofMillis(500);

  /// At the least; and beyond it, what a slow disk needs for each byte of memory.
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final long BYTES_A_SECOND = 8 << 20;

  /// Makes everything for a QEMU that waits for state.
  interface Restart {
    Prepared prepare(Plan plan) throws DriverException, InterruptedException;
  }

  private final RunId id;
  private final MicrovmFolder folder;
  private final Hypervisors hypervisors;
  private final Restart restart;
  private final Consumer<DeepStep> reached;

  /// @param reached is told each step once it is done
  DeepSleep(
      RunId id,
      MicrovmFolder folder,
      Hypervisors hypervisors,
      Restart restart,
      Consumer<DeepStep> reached) {
    this.id = id;
    this.folder = folder;
    this.hypervisors = hypervisors;
    this.restart = restart;
    this.reached = reached;
  }

  DeepFile file() {
    return folder.deep();
  }

  void reached(DeepStep step) {
    reached.accept(step);
  }

  private Meeting meeting() {
    return new Meeting(hypervisors.work(id).resolve("saved"), Hypervisors.WORK + "/saved");
  }

  private static Duration limit(Plan plan) {
    return LIMIT.plusSeconds(plan.shape().memoryBytes() / BYTES_A_SECOND);
  }

  /// What is needed to come back.
  Plan plan() throws IOException, DriverException {
    Plan plan = folder.readPlan();
    if (plan == null) {
      throw new DriverException(
          ErrorCode.CONFLICT,
          "run " + id + " was started by an older version, which did not note its machine",
          "suspend it without --deep, or start it anew");
    }
    return plan;
  }

  /// Writes the draft of a guest that stands still, and all that it needs to come back.
  void save(Plan plan, Activity qemu) throws IOException, DriverException, InterruptedException {
    Path kept = folder.keepImage(Path.of(plan.image()));
    folder.forcePlan(new Plan(plan.shape(), kept.toString(), plan.cpuMillis(), plan.cpuBefore()));
    Usage used = qemu.usage();
    Instant now = Instant.now();
    Remembered remembered =
        new Remembered(
            plan.cpuBefore() + Math.max(0, used.cpuNanos()),
            used.memoryPeak(),
            now.getEpochSecond() * 1_000_000_000L + now.getNano());
    try (Qmp qmp = Qmp.connect(hypervisors.work(id).resolve("qmp"), CONNECT, event -> {})) {
      if (qmp.execute("query-status").path("status").asText().equals("postmigrate")) {
        // It was saved before, in vain. QEMU saves again only what ran in between.
        qmp.execute("cont");
        qmp.execute("stop");
      }
      State.wholeMemory(qmp);
      file().write(remembered, to -> SavedMachine.save(qmp, meeting(), to, limit(plan)));
    }
  }

  /// A QEMU that has the machine of the file, and stands still; the file is gone. On failure there
  /// is no QEMU, and the file is still there.
  Activity wake() throws IOException, DriverException, InterruptedException {
    Plan noted = plan();
    Plan plan =
        new Plan(noted.shape(), noted.image(), noted.cpuMillis(), file().remembered().cpuNanos());
    hypervisors.removeQemu(id); // one that was to be ended, or was being made
    Activity qemu = restart.prepare(plan).start();
    boolean awake = false;
    try (Qmp qmp = Qmp.connect(hypervisors.work(id).resolve("qmp"), CONNECT, event -> {})) {
      reached(DeepStep.BACK);
      State.announceNothing(qmp);
      file().read(from -> SavedMachine.restore(qmp, meeting(), from, limit(plan)));
      reached(DeepStep.RESTORED);
      folder.writePlan(plan);
      file().drop();
      awake = true;
      return qemu;
    } catch (IOException e) {
      qemu.stop(GIVING_UP); // most likely it has, and is just about to say why
      String said = hypervisors.lastWords(id);
      throw new IOException(e.getMessage() + (said.isEmpty() ? "" : "; QEMU said: " + said), e);
    } finally {
      if (!awake) {
        end(qemu);
      }
    }
  }

  /// Ends a QEMU that is not the truth. What cannot be removed now is, before another is made.
  void end(Activity qemu) throws InterruptedException {
    try {
      qemu.destroy();
    } catch (DriverException e) {
      log.warn("the QEMU of run {} left something behind: {}", id, e.text());
    }
  }
}
