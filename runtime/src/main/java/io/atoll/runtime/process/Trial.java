package io.atoll.runtime.process;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.TunDevice;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.card.TrialCard;
import io.atoll.runtime.cgroup.Cgroups;
import io.atoll.runtime.cgroup.Controller;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds out what works by running a real, small sandboxed task the way every other runs.
final class Trial {
  /// How the folder of a trial begins.
  static final String PREFIX = ".trial-";

  private static final String ALLOW_NAMESPACES =
      "allow user namespaces: `sysctl -w user.max_user_namespaces=15000`, on Debian"
          + " `kernel.unprivileged_userns_clone=1`, on Ubuntu"
          + " `kernel.apparmor_restrict_unprivileged_userns=0`";

  private static final Duration RETRY = Duration.ofSeconds(30);

  private final ProcessSettings settings;
  private final Cgroups cgroups;
  private final boolean ownUids;
  private final ProcessDriver.Preparation preparation;

  /// What a trial found.
  ///
  /// @param failure null = it works
  private record Found(@Nullable String failure, long at) {}

  private @Nullable Found sandbox; // null = not tried yet; guarded by this
  private @Nullable Found cards; // guarded by this

  Trial(
      ProcessSettings settings,
      Cgroups cgroups,
      boolean ownUids,
      ProcessDriver.Preparation preparation) {
    this.settings = settings;
    this.cgroups = cgroups;
    this.ownUids = ownUids;
    this.preparation = preparation;
  }

  /// Passes if sandboxes work; what was found is believed, a failure for half a minute.
  void needSandbox() throws DriverException, InterruptedException {
    String why = sandboxFailure(false);
    if (why != null) {
      throw new DriverException(ErrorCode.NO_SANDBOX, why, remedy(why));
    }
  }

  /// Passes if a sandboxed payload can have cards.
  void needCards() throws DriverException, InterruptedException {
    String why = cardsFailure(false);
    if (why != null) {
      throw new DriverException(
          ErrorCode.DRIVER_CANNOT,
          "process tasks cannot join networks on this node: " + why,
          remedyOfCards(why));
    }
  }

  private static String remedyOfCards(String why) {
    return why.contains("network interfaces")
        ? ALLOW_NAMESPACES + "; or run the daemon as root"
        : "let the daemon open /dev/net/tun: `modprobe tun`, run it as root, or"
            + " `chmod 666 /dev/net/tun`, which gives nobody a right over the machine's network";
  }

  Fingerprint fingerprint() {
    List<Finding> findings = new ArrayList<>();
    String why;
    try {
      why = sandboxFailure(true);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      why = "the trial was interrupted";
    }
    if (why == null) {
      findings.add(new Finding("sandbox", Level.OK, "a sandboxed program ran", ""));
    } else {
      Level level = settings.allowBare() ? Level.LIMITED : Level.MISSING;
      findings.add(new Finding("sandbox", level, why, remedy(why)));
    }
    findings.add(
        ownUids
            ? new Finding("own user", Level.OK, "every run has a uid of its own", "")
            : new Finding(
                "own user",
                Level.LIMITED,
                "runs have the daemon's own uid; only the sandbox parts them from it",
                "run the daemon as root, which gives every run a uid of its own"));
    findings.add(networks(why == null));
    findings.add(limit("memory limit", Controller.MEMORY));
    findings.add(limit("cpu limit", Controller.CPU));
    findings.add(limit("process limit", Controller.PIDS));
    findings.add(
        cgroups.controllers().contains(Controller.FREEZER)
            ? new Finding("suspend", Level.OK, "by control group, " + cgroups.where(), "")
            : new Finding(
                "suspend",
                Level.LIMITED,
                "by signals, which a payload can notice: " + cgroups.where(),
                remedyOfGroups()));
    if (settings.allowBare()) {
      findings.add(
          new Finding(
              "unsandboxed tasks", Level.OK, "the operator allows tasks without a sandbox", ""));
    }
    return new Fingerprint("process", findings);
  }

  private Finding networks(boolean sandboxed) {
    String why;
    try {
      why = sandboxed ? cardsFailure(true) : "there is no sandbox";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      why = "the trial was interrupted";
    }
    return why == null
        ? new Finding("networks", Level.OK, "a sandboxed program had an interface", "")
        : new Finding("networks", Level.LIMITED, why, remedyOfCards(why));
  }

  private Finding limit(String what, Controller controller) {
    if (cgroups.controllers().contains(controller)) {
      return new Finding(what, Level.OK, "by control group, " + cgroups.where(), "");
    }
    if (controller == Controller.PIDS && ownUids) {
      return new Finding(what, Level.OK, "by the rlimit of the run's own uid", "");
    }
    return new Finding(what, Level.LIMITED, "not enforced: " + cgroups.where(), remedyOfGroups());
  }

  private static String remedyOfGroups() {
    return "run the daemon as a systemd service with Delegate=yes, or as root";
  }

  private String remedy(String why) {
    if (!Files.isExecutable(settings.bubblewrap())) {
      return "install bubblewrap, such as `apt-get install bubblewrap`";
    }
    if (!Files.isExecutable(settings.supervisor())) {
      return "install Atoll again, or in a source checkout run `./dev build`";
    }
    if (why.contains("namespace") || why.contains("uid map") || why.contains("loopback")) {
      return ALLOW_NAMESPACES;
    }
    return "look at `dmesg`; tasks can run in the docker driver meanwhile";
  }

  private synchronized @Nullable String sandboxFailure(boolean again) throws InterruptedException {
    Found found = sandbox;
    if (found == null || again || stale(found)) {
      found = new Found(run(List.of(), "exit 42"), System.nanoTime());
      sandbox = found;
    }
    return found.failure();
  }

  private synchronized @Nullable String cardsFailure(boolean again) throws InterruptedException {
    Found found = cards;
    if (found == null || again || stale(found)) {
      String missing = TunDevice.missing();
      found = new Found(missing != null ? missing : runWithCard(), System.nanoTime());
      cards = found;
    }
    return found.failure();
  }

  private static boolean stale(Found found) {
    return found.failure() != null && System.nanoTime() - found.at() > RETRY.toNanos();
  }

  private @Nullable String runWithCard() throws InterruptedException {
    return run(List.of(TrialCard.make()), "grep -q 'net0:' /proc/net/dev && exit 42");
  }

  /// Null if it ran, else what went wrong.
  private @Nullable String run(List<NetworkCard> cards, String script) throws InterruptedException {
    if (!Files.isExecutable(settings.bubblewrap())) {
      return "there is no " + settings.bubblewrap();
    }
    if (!Files.isExecutable(settings.supervisor())) {
      return "there is no supervisor at " + settings.supervisor();
    }
    RunId id = new RunId(TaskId.random(new SecureRandom()), Epoch.NONE.next());
    Workload workload =
        new Workload(
            "process",
            null,
            List.of("/bin/sh", "-c", script),
            Map.of(),
            new Resources(1000, 64L << 20, 0),
            16,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    Path folder = settings.runs().resolve(PREFIX + id.task());
    ActivitySpec spec = new ActivitySpec(id, workload, folder, cards);
    try (Prepared prepared = preparation.prepare(spec)) {
      Activity activity = prepared.start();
      Exit exit = activity.await();
      activity.destroy();
      if (exit.equals(Exit.of(42))) {
        return null;
      }
      return "a sandboxed program ended with "
          + exit.cause()
          + " "
          + exit.code()
          + ": "
          + exit.detail();
    } catch (DriverException e) {
      return e.text();
    }
  }
}
