package io.atoll.runtime.process;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Spawner;
import io.atoll.core.os.UnixListener;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// A run that has its folder, uid and control groups, and waits for its supervisor.
final class ProcessPrepared implements Prepared {
  private static final int BACKLOG = 16;

  /// Where the supervisor expects its socket.
  private static final int SOCKET = 3;

  private final ProcessSettings settings;
  private final ActivitySpec spec;
  private final Place.Made made;
  private final Runnable release;
  private final AtomicBoolean over = new AtomicBoolean();

  ProcessPrepared(ProcessSettings settings, ActivitySpec spec, Place.Made made, Runnable release) {
    this.settings = settings;
    this.spec = spec;
    this.made = made;
    this.release = release;
  }

  @Override
  public Activity start() throws DriverException, InterruptedException {
    if (!over.compareAndSet(false, true)) {
      throw new IllegalStateException("run " + spec.id() + " was started or closed before");
    }
    int pid;
    try (UnixListener listener = UnixListener.bind(made.folder().socket(), BACKLOG)) {
      pid =
          Spawner.spawn(
              settings.supervisor(),
              List.of(made.folder().path().toString()),
              listener.descriptor(),
              SOCKET);
    } catch (IOException e) {
      undo();
      throw new DriverException(
          ErrorCode.DRIVER_UNAVAILABLE,
          "the supervisor of run " + spec.id() + " did not start: " + e.getMessage(),
          "see that " + settings.supervisor() + " is the supervisor for this machine",
          e);
    }
    // From here on it may run, and only its folder says how it is.
    ProcessActivity activity =
        new ProcessActivity(spec, made.folder(), made.group(), settings.supervisor(), pid, release);
    activity.begin(false);
    watchDisk(activity, spec, made.folder());
    return activity;
  }

  static void watchDisk(ProcessActivity activity, ActivitySpec spec, RunFolder folder) {
    long disk = spec.workload().resources().disk();
    if (disk > 0 && Files.isDirectory(folder.work())) {
      List<Path> watched = new ArrayList<>(List.of(folder.work()));
      SpecFile.values(folder.path(), "meet").forEach(each -> watched.add(Path.of(each)));
      DiskWatch.begin(activity, watched, disk);
    }
  }

  @Override
  public void close() {
    if (over.compareAndSet(false, true)) {
      undo();
    }
  }

  private void undo() {
    try {
      for (Path part : made.group().entry().folders()) {
        Files.deleteIfExists(part);
      }
      made.folder().delete();
      release.run();
    } catch (IOException e) {
      // What stays is found again by name: recover says that it never began.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
