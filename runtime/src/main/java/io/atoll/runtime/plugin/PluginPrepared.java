package io.atoll.runtime.plugin;

import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Prepared;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A run that its runtime has made ready, and not started.
final class PluginPrepared implements Prepared {
  private static final Logger log = LoggerFactory.getLogger(PluginPrepared.class);
  private static final Duration START = Duration.ofSeconds(60);

  private final PluginDriver driver;
  private final ActivitySpec spec;
  private final PluginFolder folder;
  private final PluginService.Connected at;
  private boolean over;

  PluginPrepared(
      PluginDriver driver, ActivitySpec spec, PluginFolder folder, PluginService.Connected at) {
    this.driver = driver;
    this.spec = spec;
    this.folder = folder;
    this.at = at;
  }

  @Override
  public synchronized Activity start() throws DriverException, InterruptedException {
    if (over) {
      throw new IllegalStateException("run " + spec.id() + " was started or closed already");
    }
    over = true;
    try {
      folder.markStarting();
    } catch (IOException e) {
      driver.undo(spec.id(), folder);
      throw new DriverException(
          ErrorCode.DISK_FULL,
          "could not write to " + folder.path() + " for run " + spec.id(),
          "free space on that disk",
          e);
    }
    PluginActivity activity = driver.activity(spec, folder, at.hello());
    try {
      at.link()
          .call(
              "start",
              PluginLink.params(spec.id()),
              START,
              result -> activity.take(PluginStatus.of(result, java.time.Instant.now())));
    } catch (DriverException e) {
      if (!PluginDriver.unsure(e.code())) {
        driver.forget(spec.id());
        driver.undo(spec.id(), folder);
        throw e;
      }
      log.warn("run {}: {} It may have begun, and is asked for again", spec.id(), e.text());
      activity.unsureWhetherItBegan();
    } catch (InterruptedException e) {
      activity.unsureWhetherItBegan();
      activity.watch();
      throw e;
    }
    activity.watch();
    return activity;
  }

  @Override
  public synchronized void close() {
    if (!over) {
      over = true;
      driver.undo(spec.id(), folder);
    }
  }
}
