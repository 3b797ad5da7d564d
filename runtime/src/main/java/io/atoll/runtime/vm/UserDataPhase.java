package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.runtime.qemu.GuestAgent;
import io.atoll.runtime.qemu.GuestAgent.Executed;
import io.atoll.runtime.qemu.QmpException;
import io.atoll.runtime.vm.VmPhase.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The caller's user-data in a clone: a template has booted without it, so it is applied after the
/// clone has its identity, beside whoever logs in meanwhile. Its time is told, and also found by a
/// daemon that comes back.
final class UserDataPhase {
  private static final Logger log = LoggerFactory.getLogger(UserDataPhase.class);
  private static final Duration ASK = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /// All stages of cloud-init again, for the seed that is now in the drive; keys that a login may
  /// have seen stay. The end: how many stages failed, and after how many hundredths of a second.
  static final String SCRIPT =
      """
      began=$(cut -d' ' -f1 /proc/uptime | tr -d .)
      failed=0
      echo 'ssh_deletekeys: false' >/etc/cloud/cloud.cfg.d/99-clone.cfg
      cloud-init clean --logs || failed=$((failed + 1))
      cloud-init init --local || failed=$((failed + 1))
      cloud-init init || failed=$((failed + 1))
      cloud-init modules --mode config || failed=$((failed + 1))
      cloud-init modules --mode final || failed=$((failed + 1))
      now=$(cut -d' ' -f1 /proc/uptime | tr -d .)
      echo "$failed $((now - began))" >/run/atoll-user-data-end.new
      mv /run/atoll-user-data-end.new /run/atoll-user-data-end
      """;

  private UserDataPhase() {}

  /// Tells how it goes, to its end; nothing for a machine that has none to apply.
  static void follow(VmActivity machine) throws InterruptedException {
    VmFolder folder = machine.folder();
    if (!folder.marked(VmFolder.DATA) || folder.marked(VmFolder.DATA_APPLIED)) {
      return;
    }
    machine.tell(Kind.CONFIGURING, "cloud-init is applying it; the machine answers already");
    while (!machine.ended()) {
      String end = end(machine);
      if (end.matches("[0-9]{1,2} [0-9]{1,9}")) {
        String[] words = end.split(" ");
        String time = Readiness.seconds(Long.parseLong(words[1]) * 10);
        machine.tell(
            Kind.READY,
            words[0].equals("0")
                ? "its user-data was applied in " + time
                : "its user-data took "
                    + time
                    + " and did not succeed: see `cloud-init status --long` in the machine");
        try {
          folder.mark(VmFolder.DATA_APPLIED, end);
        } catch (IOException e) {
          log.warn("{}: that its user-data is applied is not written down: {}", machine.id(), e);
        }
        return;
      }
      Thread.sleep(PAUSE);
    }
  }

  /// What the script said at its end; empty before.
  private static String end(VmActivity machine) throws InterruptedException {
    if (machine.state() != VmActivity.State.RUNNING) {
      return "";
    }
    try (GuestAgent agent = GuestAgent.connect(machine.agentSocket(), ASK)) {
      Executed said =
          agent.execute(List.of("/bin/cat", "/run/atoll-user-data-end"), new byte[0], ASK);
      return said.code() == 0 ? new String(said.out(), UTF_8).strip() : "";
    } catch (QmpException e) {
      return "";
    }
  }
}
