package io.atoll.runtime.driver.mock;

import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.Recovered;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.List;

/// A driver that runs nothing and obeys a script; see [MockScript] for its words. Make a second one
/// on the same machine to play a daemon that comes back.
public final class MockDriver implements Driver {
  private final String name;
  private final MockMachine machine;

  public MockDriver(String name, MockMachine machine) {
    this.name = name;
    this.machine = machine;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Fingerprint fingerprint() {
    return new Fingerprint(
        name,
        List.of(new Fingerprint.Finding("script", Fingerprint.Finding.Level.OK, "it plays", "")));
  }

  @Override
  public Prepared prepare(ActivitySpec spec) throws DriverException {
    MockScript script;
    try {
      script = MockScript.of(spec.workload());
    } catch (IllegalArgumentException e) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()), "see MockScript", e);
    }
    try {
      Files.createDirectory(spec.folder());
    } catch (FileAlreadyExistsException e) {
      throw new DriverException(ErrorCode.CONFLICT, spec.id() + " was prepared before", "", e);
    } catch (IOException e) {
      throw new DriverException(ErrorCode.INTERNAL, "no folder for " + spec.id(), "", e);
    }
    return new MockPrepared(machine, spec, script);
  }

  @Override
  public Recovered recover(ActivitySpec spec) {
    MockActivity activity = machine.activities.get(spec.id());
    if (activity != null) {
      return new Recovered.Found(activity);
    }
    try {
      Files.deleteIfExists(spec.folder());
    } catch (IOException e) {
      throw new IllegalStateException("a mock's folder holds more than it wrote", e);
    }
    return new Recovered.NeverStarted();
  }

  private static final class MockPrepared implements Prepared {
    private final MockMachine machine;
    private final ActivitySpec spec;
    private final MockScript script;
    private boolean started;

    MockPrepared(MockMachine machine, ActivitySpec spec, MockScript script) {
      this.machine = machine;
      this.spec = spec;
      this.script = script;
    }

    @Override
    public Activity start() throws DriverException {
      if (script.startError() != null) {
        close();
        throw new DriverException(
            ErrorCode.START_FAILED, script.startError(), "the script says so");
      }
      MockActivity activity = new MockActivity(machine, spec, script);
      machine.activities.put(spec.id(), activity);
      machine.starts.merge(spec.id(), 1, Integer::sum);
      started = true;
      try {
        activity.begin();
      } catch (IOException e) {
        throw new DriverException(ErrorCode.INTERNAL, "no output for " + spec.id(), "", e);
      }
      return activity;
    }

    @Override
    public void close() {
      if (!started) {
        try {
          Files.deleteIfExists(spec.folder());
        } catch (IOException e) {
          throw new IllegalStateException("a mock's folder holds more than it wrote", e);
        }
      }
    }
  }
}
