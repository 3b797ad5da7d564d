package io.atoll.daemon.provider;

import io.atoll.core.os.FolderRemoval;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.market.activity.Order;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Recovered;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The runs of this machine that have not ended, and the folders of all that are remembered: one
/// folder a run, `<runs>/<run id>`. Never blocks its caller.
final class Runs {
  private static final Logger LOG = LoggerFactory.getLogger(Runs.class);

  private final Map<String, Driver> drivers;
  private final Path folder;
  private final String nodeName;
  private final ActivityRunner.Listener listener;

  /// Null where there are no networks.
  private final @Nullable RunNetworks networks;

  private final Map<RunId, ActivityRunner> live = new ConcurrentHashMap<>();

  /// By run, the driver that has not said yet what became of it.
  private final Map<RunId, String> recovering = new ConcurrentHashMap<>();

  Runs(Map<String, Driver> drivers, Path folder, String nodeName, ActivityRunner.Listener told) {
    this(drivers, folder, nodeName, told, null);
  }

  /// @param networks puts runs into private networks; null = there are none
  Runs(
      Map<String, Driver> drivers,
      Path folder,
      String nodeName,
      ActivityRunner.Listener told,
      @Nullable RunNetworks networks) {
    this.networks = networks;
    this.drivers = Map.copyOf(drivers);
    this.folder = folder;
    this.nodeName = nodeName;
    this.listener =
        new ActivityRunner.Listener() {
          @Override
          public void recovered(RunId run, boolean found) {
            recovering.remove(run);
            if (!found) {
              live.remove(run);
            }
            told.recovered(run, found);
          }

          @Override
          public void starting(RunId run, String detail) {
            told.starting(run, detail);
          }

          @Override
          public void unavailable(String driver) {
            told.unavailable(driver);
          }

          @Override
          public void running(RunId run, @Nullable Instant startedAt, List<Endpoint> endpoints) {
            told.running(run, startedAt, endpoints);
          }

          @Override
          public void suspended(
              RunId run, boolean suspended, boolean deep, List<Endpoint> endpoints) {
            told.suspended(run, suspended, deep, endpoints);
          }

          @Override
          public void detail(RunId run, String detail) {
            told.detail(run, detail);
          }

          @Override
          public void exited(RunId run, Exit exit, @Nullable Instant endedAt) {
            live.remove(run);
            told.exited(run, exit, endedAt);
          }
        };
  }

  Path folder(RunId run) {
    return folder.resolve(run.toString());
  }

  /// Starts a run that was never started. To be called once for a run, after its intent is on disk.
  void start(Order order) {
    ActivityRunner runner = runner(order);
    if (runner != null) {
      runner.start();
    }
  }

  /// Finds a run again after a restart of the daemon.
  void recover(Order order) {
    ActivityRunner runner = runner(order);
    if (runner != null) {
      recovering.put(order.run(), order.workload().driver());
      runner.recover();
    }
  }

  /// Whether a run of this driver is still to be found again.
  boolean recovering(String driver) {
    return recovering.containsValue(driver);
  }

  void pulling(String image, String detail) {
    live.values().forEach(runner -> runner.pulling(image, detail));
  }

  void phase(RunId run, String detail) {
    ActivityRunner runner = live.get(run);
    if (runner != null) {
      runner.phase(detail);
    }
  }

  private @Nullable ActivityRunner runner(Order order) {
    Driver driver = drivers.get(order.workload().driver());
    if (driver == null) {
      listener.exited(
          order.run(),
          Exit.startFailed("this node has no driver '" + order.workload().driver() + "'"),
          null);
      return null;
    }
    List<NetworkCard> cards = networks == null ? List.of() : networks.cards(order);
    ActivitySpec spec =
        new ActivitySpec(order.run(), withIdentity(order), folder(order.run()), cards);
    ActivityRunner runner =
        new ActivityRunner(
            driver, spec, listener, networks == null ? Cables.NONE : networks.cables(spec));
    live.put(order.run(), runner);
    return runner;
  }

  /// The payload learns who it is: `ATOLL_TASK`, `ATOLL_EPOCH`, `ATOLL_NODE`.
  private Workload withIdentity(Order order) {
    Workload said = order.workload();
    Map<String, String> env = new HashMap<>(said.env());
    env.put("ATOLL_TASK", order.run().task().text());
    env.put("ATOLL_EPOCH", order.run().epoch().toString());
    env.put("ATOLL_NODE", nodeName);
    return said.withEnv(env);
  }

  void stop(RunId run, Duration grace, Exit.Cause cause) {
    ActivityRunner runner = live.get(run);
    if (runner != null) {
      runner.stop(grace, cause);
    }
  }

  /// The activity of a run, live or as its driver finds it after its end; null before it began.
  @Nullable Activity activity(RunId run, Workload workload)
      throws DriverException, InterruptedException {
    ActivityRunner runner = live.get(run);
    if (runner != null) {
      return runner.activity();
    }
    Driver driver = drivers.get(workload.driver());
    if (driver == null || !Files.exists(folder(run))) {
      return null;
    }
    return driver.recover(new ActivitySpec(run, workload, folder(run)))
            instanceof Recovered.Found(Activity ended)
        ? ended
        : null;
  }

  void suspend(RunId run, boolean deep) {
    ActivityRunner runner = live.get(run);
    if (runner != null) {
      runner.suspend(deep);
    }
  }

  /// The members of a network have perhaps other addresses now.
  void moved(Membership membership) {
    live.forEach(
        (run, runner) -> {
          Member member = membership.members().get(run.toString());
          if (member != null) {
            runner.moved(membership.network().id(), member);
          }
        });
  }

  void resume(RunId run) {
    ActivityRunner runner = live.get(run);
    if (runner != null) {
      runner.resume();
    }
  }

  /// Removes what ended runs of a task left behind, in the background.
  ///
  /// @param workload as far as it is remembered; null if it is not
  void drop(TaskId task, @Nullable Workload workload) {
    Thread.ofVirtual().name("drop " + task).start(() -> remove(task, workload));
  }

  private void remove(TaskId task, @Nullable Workload workload) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder, task.text() + ".*")) {
      for (Path left : folders) {
        RunId run = RunId.parse(left.getFileName().toString());
        if (!live.containsKey(run)) {
          remove(run, left, workload);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("could not remove all of {} in {}", task, folder, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Its driver removes a run, as it may hold more for it than the folder.
  private void remove(RunId run, Path left, @Nullable Workload workload)
      throws IOException, InterruptedException {
    Driver driver = workload == null ? null : drivers.get(workload.driver());
    if (workload != null && driver != null) {
      try {
        if (driver.recover(new ActivitySpec(run, workload, left))
            instanceof Recovered.Found(Activity ended)) {
          ended.destroy();
        }
      } catch (DriverException e) {
        LOG.warn("the driver could not remove {}: {} {}", run, e.text(), e.hint());
      }
    }
    FolderRemoval.remove(left);
  }
}
