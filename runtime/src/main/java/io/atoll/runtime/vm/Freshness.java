package io.atoll.runtime.vm;

import io.atoll.runtime.qemu.GuestAgent;
import io.atoll.runtime.qemu.QmpException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a machine is given that went back to an earlier moment: the time, and randomness that it
/// has not had. Over its agent; a machine without one keeps what it has.
final class Freshness {
  private static final Logger log = LoggerFactory.getLogger(Freshness.class);
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Freshness() {}

  /// For a thread of its own.
  static void renewQuietly(VmActivity machine) {
    try {
      renew(machine);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  static void renew(VmActivity machine) throws InterruptedException {
    try (GuestAgent agent = GuestAgent.connect(machine.agentSocket(), LIMIT)) {
      var done = agent.execute(List.of("/bin/sh", "-s"), Identity.renewal(), LIMIT);
      if (done.code() != 0) {
        log.warn(
            "{} has the time and the randomness of its snapshot: {}", machine.id(), done.said());
      }
    } catch (QmpException e) {
      if (machine.ended()) {
        return;
      }
      log.warn(
          "{} has the time and the randomness of its snapshot: {}", machine.id(), e.toString());
    }
  }
}
