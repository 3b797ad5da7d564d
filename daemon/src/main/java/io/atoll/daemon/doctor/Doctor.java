package io.atoll.daemon.doctor;

import io.atoll.daemon.doctor.Examination.Weight;
import io.atoll.daemon.doctor.Report.Check;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Makes all examinations at once, and waits no longer than it was told: what hangs is found to
/// hang.
public final class Doctor {
  private Doctor() {}

  public static Report examine(List<Examination> examinations, Duration patience)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    List<FutureTask<List<Finding>>> tasks = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (Examination examination : examinations) {
      FutureTask<List<Finding>> task = new FutureTask<>(examination.trial()::run);
      tasks.add(task);
      threads.add(Thread.ofPlatform().daemon().name(examination.part()).start(task));
    }
    List<Check> checks = new ArrayList<>();
    List<String> drivers = new ArrayList<>();
    boolean needed = true;
    for (int i = 0; i < tasks.size(); i++) {
      Examination examination = examinations.get(i);
      List<Finding> findings = found(tasks.get(i), deadline, patience);
      boolean whole = findings.stream().noneMatch(finding -> finding.level() == Level.MISSING);
      switch (examination.weight()) {
        case NEEDED -> needed &= whole;
        case DRIVER -> {
          if (whole) {
            drivers.add(examination.part());
          }
        }
        case NOTE -> {}
      }
      for (Finding finding : findings) {
        checks.add(
            new Check(
                examination.part(),
                finding.what(),
                finding.level(),
                finding.cause(),
                finding.remedy()));
      }
    }
    giveBack(threads);
    boolean hasDrivers = examinations.stream().anyMatch(e -> e.weight() == Weight.DRIVER);
    return new Report(needed && (!drivers.isEmpty() || !hasDrivers), drivers, checks);
  }

  private static List<Finding> found(
      FutureTask<List<Finding>> task, long deadline, Duration patience)
      throws InterruptedException {
    try {
      return task.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      task.cancel(true);
      return List.of(
          new Finding(
              "answer",
              Level.MISSING,
              "none within " + patience.toSeconds() + " s",
              "see what it waits for (its log, `dmesg`), then try again"));
    } catch (ExecutionException e) {
      return List.of(
          new Finding(
              "trial", Level.MISSING, "it failed: " + words(e.getCause()), "remove the cause"));
    }
  }

  private static String words(@Nullable Throwable cause) {
    return switch (cause) {
      case FileSystemException file -> file.getFile() + ": " + PrivateFiles.reason(file);
      case IOException io -> PrivateFiles.reason(io);
      case null, default -> String.valueOf(cause);
    };
  }

  /// What was interrupted gets a moment to put its things away.
  private static void giveBack(List<Thread> threads) throws InterruptedException {
    long until = System.nanoTime() + Duration.ofSeconds(1).toNanos();
    for (Thread thread : threads) {
      thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
    }
  }
}
