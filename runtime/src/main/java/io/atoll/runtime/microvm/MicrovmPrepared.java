package io.atoll.runtime.microvm;

import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.output.OutputWriter;
import io.atoll.runtime.qemu.Qmp;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A guest whose QEMU has folder, uid and control group, and is not there yet.
final class MicrovmPrepared implements Prepared {
  private static final Logger log = LoggerFactory.getLogger(MicrovmPrepared.class);
  private static final Duration RESTORE = Duration.ofSeconds(30);

  /// What the driver does with what was started.
  interface Register {
    MicrovmActivity started(long outputEnd);
  }

  private final ActivitySpec spec;
  private final MicrovmFolder folder;
  private final Prepared machine;
  private final boolean clone;
  private final Hypervisors hypervisors;
  private final Duration bootLimit;
  private final Register register;
  private final Runnable badTemplate;
  private final AtomicBoolean over = new AtomicBoolean();

  MicrovmPrepared(
      ActivitySpec spec,
      MicrovmFolder folder,
      Prepared machine,
      boolean clone,
      Hypervisors hypervisors,
      Duration bootLimit,
      Register register,
      Runnable badTemplate) {
    this.spec = spec;
    this.folder = folder;
    this.machine = machine;
    this.clone = clone;
    this.hypervisors = hypervisors;
    this.bootLimit = bootLimit;
    this.register = register;
    this.badTemplate = badTemplate;
  }

  @Override
  public Activity start() throws DriverException, InterruptedException {
    if (!over.compareAndSet(false, true)) {
      throw new IllegalStateException("run " + spec.id() + " was started or closed before");
    }
    OutputWriter writer;
    try {
      writer = OutputWriter.open(folder.path());
    } catch (IOException e) {
      machine.close();
      throw new DriverException(
          ErrorCode.DISK_FULL,
          "no place for the output of run " + spec.id() + ": " + e.getMessage(),
          "free space in " + folder.path(),
          e);
    }
    Activity qemu = machine.start();
    if (clone && qemu.state() == Activity.State.RUNNING) {
      try (Qmp qmp =
          Qmp.connect(hypervisors.work(spec.id()).resolve("qmp"), RESTORE, event -> {})) {
        State.restore(qmp, Handed.STATE, RESTORE);
      } catch (IOException e) {
        badTemplate.run();
        log.warn("run {} could not begin as a copy: {}", spec.id(), e.getMessage());
        qemu.stop(Duration.ZERO); // what follows finds it ended, before the payload began
      }
    }
    MicrovmActivity activity = register.started(writer.end());
    activity.begin(qemu, writer, bootLimit);
    return activity;
  }

  @Override
  public void close() {
    if (over.compareAndSet(false, true)) {
      machine.close();
      try {
        hypervisors.removeMeeting(spec.id());
        folder.delete();
      } catch (IOException e) {
        log.warn("cannot remove {}: {}", folder.path(), e.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
