package io.atoll.daemon.store;

import io.atoll.client.api.EventView;
import io.atoll.client.api.InviteView;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Port;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.RunState;
import io.atoll.market.agreement.Offer;
import io.atoll.market.agreement.Terms;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Rows of plausible size for tests and benchmarks.
public final class Rows {
  public static final Instant T0 = Instant.parse("2026-01-01T00:00:00.123456789Z");
  public static final PeerId NODE =
      new PeerId("12D3KooWAbcdefghijkmnopqrstuvwxyz123456789ABCDEFGHJK");
  public static final PeerId OTHER =
      new PeerId("12D3KooWZbcdefghijkmnopqrstuvwxyz123456789ABCDEFGHJK");

  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

  private Rows() {}

  /// The n-th id.
  public static TaskId id(long n) {
    StringBuilder text = new StringBuilder("t");
    for (int i = 11; i >= 0; i--) {
      text.append(ALPHABET.charAt((int) (n >>> (5 * i)) & 31));
    }
    return new TaskId(text.toString());
  }

  public static Workload workload() {
    return new Workload(
        "process",
        null,
        List.of("/bin/sh", "-c", "echo \"grüße\" && exit 0"),
        Map.of("LANG", "C.UTF-8", "HOME", "/tmp"),
        new Resources(500, 256 << 20, 1 << 30),
        64,
        List.of(new Port(80, Port.Protocol.TCP)),
        false,
        Workload.Isolation.SANDBOX);
  }

  public static TaskRow task(TaskId id, String name, TaskState state, Epoch epoch) {
    return new TaskRow(
        id,
        new TaskSpec(
            name,
            workload(),
            50,
            null,
            new TaskSpec.Restart(TaskSpec.Restart.Policy.ON_FAILURE, 3, 5),
            TaskSpec.OnDisconnect.REPLACE,
            3600,
            10),
        state,
        Desired.RUN,
        epoch,
        TaskRow.Attempts.NONE,
        new Authority("k0123456789", List.of()),
        "",
        T0,
        null,
        state == TaskState.RUNNING ? T0.plusSeconds(1) : null,
        state.ended() ? T0.plusSeconds(2) : null,
        state.ended() ? Exit.of(0) : null);
  }

  public static TaskRow queued(TaskId id) {
    return task(id, null, TaskState.QUEUED, Epoch.NONE);
  }

  public static RunRow run(RunId id, RunState state) {
    boolean ended = state == RunState.EXITED;
    return new RunRow(
        id,
        NODE,
        state,
        state == null ? 0 : state.ordinal() + 1,
        ended,
        T0,
        state == RunState.RUNNING || ended ? T0.plusMillis(3) : null,
        ended ? T0.plusMillis(9) : null,
        ended ? Exit.of(0) : null,
        List.of(new Endpoint(new Port(80, Port.Protocol.TCP), "127.0.0.1", 32768)),
        "");
  }

  public static EventView event(String type, TaskId task) {
    return new EventView(0, T0, type, task, NODE, new Epoch(1, 1), "it happened");
  }

  public static NodeRow node(PeerId id, String name) {
    return new NodeRow(
        id,
        new Offer(
            name,
            "0.1.0",
            "linux",
            "amd64",
            new Resources(4000, 8L << 30, 100L << 30),
            List.of("process", "docker"),
            List.of("no swap limit"),
            Map.of("zone", "a"),
            new Terms(List.of("process"), false, false)),
        T0);
  }

  public static KeyRow key(String id, Instant revoked) {
    return new KeyRow(id, "ann", "ab".repeat(32), T0, revoked);
  }

  public static InviteRow invite(String id, String usedBy, Instant revoked) {
    return new InviteRow(
        id, InviteView.Role.PROVIDER, "cd".repeat(32), T0, T0.plusSeconds(86_400), usedBy, revoked);
  }

  public static Transaction change(Change... changes) {
    return new Transaction(List.of(), List.of(changes));
  }

  public static Transaction when(Precondition precondition, Change... changes) {
    return new Transaction(List.of(precondition), List.of(changes));
  }
}
