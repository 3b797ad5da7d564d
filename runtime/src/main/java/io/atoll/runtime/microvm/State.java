package io.atoll.runtime.microvm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.json.Json;
import io.atoll.runtime.qemu.Qmp;
import java.io.IOException;
import java.time.Duration;

/// Saves and restores a machine's state apart from its memory, over QMP.
final class State {
  private State() {}

  /// Leaves memory out of the state: it lies in a file that both sides map.
  static void shareMemory(Qmp qmp) throws IOException, InterruptedException {
    ignoreShared(qmp, true);
  }

  /// Makes memory part of the state, also of a machine that began as a clone.
  static void wholeMemory(Qmp qmp) throws IOException, InterruptedException {
    ignoreShared(qmp, false);
  }

  private static void ignoreShared(Qmp qmp, boolean wanted)
      throws IOException, InterruptedException {
    ObjectNode arguments = Json.mapper().createObjectNode();
    arguments
        .putArray("capabilities")
        .addObject()
        .put("capability", "x-ignore-shared")
        .put("state", wanted);
    qmp.execute("migrate-set-capabilities", arguments, Qmp.SHORT);
  }

  /// Restores a machine that was started to be a clone, and lets it run.
  static void restore(Qmp qmp, int descriptor, Duration atMost)
      throws IOException, InterruptedException {
    shareMemory(qmp);
    announceNothing(qmp);
    ObjectNode from = Json.mapper().createObjectNode();
    from.put("uri", "fd:" + descriptor);
    qmp.execute("migrate-incoming", from, Qmp.SHORT);
    awaitMigration(qmp, atMost);
    qmp.execute("cont");
  }

  /// QEMU else tells every network, from the addresses that it was started with, that a machine
  /// has moved: to the networks of a copy it would be a stranger. Nothing for machines that are
  /// ever reset, as for a snapshot: QEMU 7.2 then ends over the timer that the card has no more.
  static void announceNothing(Qmp qmp) throws IOException, InterruptedException {
    ObjectNode never = Json.mapper().createObjectNode().put("announce-rounds", 0);
    qmp.execute("migrate-set-parameters", never, Qmp.SHORT);
  }

  static void awaitMigration(Qmp qmp, Duration atMost) throws IOException, InterruptedException {
    long until = System.nanoTime() + atMost.toNanos();
    while (true) {
      JsonNode answer = qmp.execute("query-migrate");
      String status = answer.path("status").asText();
      if (status.equals("completed")) {
        return;
      }
      if (status.equals("failed") || status.equals("cancelled")) {
        throw new IOException(
            "QEMU could not move the machine's state: " + answer.path("error-desc").asText(status));
      }
      if (System.nanoTime() > until) {
        throw new IOException(
            "QEMU did not move the machine's state in " + atMost.toSeconds() + " s");
      }
      Thread.sleep(2);
    }
  }
}
