package io.atoll.daemon.hub.machine;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.TaskRow;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What providers say, session by session.
final class Sessions {
  /// How far the generation of a node's epochs may be ahead before it is disbelieved.
  private static final int BELIEVABLE = 1_000;

  /// After how many heartbeats without progress a node that is behind gets its whole set again.
  private static final int PATIENCE = 3;

  private static final int PER_MESSAGE = 5_000;

  private final Memory memory;
  private final Runs runs;
  private final Reports reports;
  private final Access access;
  private final Leases leases;
  private final Restoring restoring;
  private final Standings standings;

  Sessions(
      Memory memory,
      Runs runs,
      Reports reports,
      Access access,
      Leases leases,
      Restoring restoring,
      Standings standings) {
    this.memory = memory;
    this.runs = runs;
    this.reports = reports;
    this.access = access;
    this.leases = leases;
    this.restoring = restoring;
    this.standings = standings;
  }

  void hello(Step step, HubEvent.Hello event) {
    LiveNode node = memory.node(event.node());
    ToHub.Hello hello = event.message();
    if (node == null) {
      refuse(
          step,
          event,
          ErrorCode.DENIED,
          "this node has not joined the hub",
          "ask the hub's owner for an invite, then: atoll join INVITE");
      return;
    }
    OptionalInt protocol = ActivityProtocol.SPOKEN.common(hello.versions());
    if (protocol.isEmpty()) {
      refuseVersion(step, event);
      return;
    }
    Epoch told = hello.highest();
    for (RunReport report : hello.runs()) {
      told = told.compareTo(report.run().epoch()) < 0 ? report.run().epoch() : told;
    }
    if (told.generation() > memory.highest.generation() + BELIEVABLE) {
      refuse(
          step,
          event,
          ErrorCode.CONFLICT,
          "the node tells of epoch " + told + ", which this hub cannot have given",
          "it belongs to another hub: remove its records there, or join it anew");
      return;
    }
    if (node.session != 0 && node.session != event.session()) {
      step.act(new HubAction.Close(node.id, node.session));
    }
    node.session = event.session();
    node.toldRevision = -1;
    node.asked.clear();
    access.changeOffer(step, node, hello.offer());
    leases.heard(step, node);
    if (told.compareTo(memory.highest) > 0) {
      restoring.foundNewer(step, node, told);
    }
    step.send(
        node,
        new ToProvider.Welcome(
            protocol.getAsInt(),
            memory.config.version(),
            memory.config.heartbeat().toMillis(),
            memory.config.lease().toMillis()));
    standings.begin(step, node, hello);
    takeIn(step, node, hello, event.ended());
    step.flushAcks(node);
    standings.settle(step, node, hello);
    step.whole(node);
    askOfDoubted(step, node);
    restoring.ask(step, node);
    forget(step, node);
  }

  /// Adopts and applies what it runs, so that the set computed afterwards has it.
  private void takeIn(Step step, LiveNode node, ToHub.Hello hello, List<TaskRow> endedRows) {
    for (RunId leftover : List.copyOf(node.leftovers.keySet())) {
      node.leave(leftover);
      memory.grown(node);
    }
    Set<TaskId> ended = new HashSet<>();
    endedRows.forEach(row -> ended.add(row.id()));
    Set<RunId> told = new HashSet<>();
    for (RunReport report : hello.runs()) {
      told.add(report.run());
      reports.observe(step, node, report, ended);
    }
    node.doubted.clear();
    for (RunId run : List.copyOf(node.assigned.keySet())) {
      if (!told.contains(run) && isAccepted(run)) {
        node.doubted.add(run);
        step.remove(node, run);
      }
    }
  }

  /// Whether it is an open run of which a provider has told.
  private boolean isAccepted(RunId run) {
    LiveTask task = memory.tasks.get(run.task());
    RunRow open = task == null ? null : task.openRun();
    return task != null && open != null && open.id().equals(run) && open.seq() > 0 && !task.held;
  }

  private void askOfDoubted(Step step, LiveNode node) {
    if (!node.doubted.isEmpty()) {
      step.send(node, new ToProvider.Ask(node.doubted.stream().map(RunId::task).toList()));
    }
  }

  /// It was asked, and knows nothing of them: its memory of them is gone.
  private void giveUpDoubted(Step step, LiveNode node, Set<TaskId> asked, Set<TaskId> has) {
    for (RunId run : List.copyOf(node.doubted)) {
      if (asked.contains(run.task())) {
        node.doubted.remove(run);
        if (!has.contains(run.task()) && isAccepted(run)) {
          runs.end(
              step,
              memory.task(run.task()),
              Exit.lost(node.name() + " no longer knows of the run"));
        }
      }
    }
  }

  private void refuseVersion(Step step, HubEvent.Hello event) {
    ToHub.Hello hello = event.message();
    String hubs = "Atoll " + memory.config.version();
    String nodes = "Atoll " + hello.offer().version();
    boolean nodeIsOlder = hello.protocol() < ActivityProtocol.SPOKEN.oldest();
    refuse(
        step,
        event,
        ErrorCode.VERSION_MISMATCH,
        "the node ("
            + nodes
            + ") speaks "
            + hello.versions()
            + " of the protocol, the hub ("
            + hubs
            + ") "
            + ActivityProtocol.SPOKEN,
        nodeIsOlder
            ? "upgrade the node to " + hubs + "; what it runs goes on meanwhile"
            : "upgrade the hub to " + nodes + ", or take the node back to " + hubs);
  }

  private void refuse(
      Step step, HubEvent.FromNode event, ErrorCode code, String message, String hint) {
    step.act(
        new HubAction.Send(
            event.node(), event.session(), new ToProvider.Refused(code.name(), message, hint)));
    step.act(new HubAction.Close(event.node(), event.session()));
  }

  private void forget(Step step, LiveNode node) {
    List<TaskId> all = new ArrayList<>(memory.forgets.getOrDefault(node.id, Set.of()));
    for (int i = 0; i < all.size(); i += PER_MESSAGE) {
      step.send(node, new ToProvider.Forget(all.subList(i, Math.min(all.size(), i + PER_MESSAGE))));
    }
  }

  void heartbeat(Step step, HubEvent.Heartbeat event) {
    LiveNode node = inSession(event);
    if (node == null) {
      return;
    }
    leases.heard(step, node);
    ToHub.Heartbeat heartbeat = event.message();
    step.send(node, new ToProvider.Heard(heartbeat.beat()));
    if (heartbeat.revision() == node.revision) {
      node.behind = 0;
      if (node.freeIs(heartbeat.free())) {
        memory.grown(node);
      }
      if (!heartbeat.digest().equals(node.digest())) {
        step.event("node.resync", null, node.id, null, node.name() + " had another set of runs");
        step.whole(node);
      }
    } else if (heartbeat.revision() > node.revision
        || (heartbeat.revision() == node.toldRevision && ++node.behind >= PATIENCE)) {
      step.whole(node);
    } else if (heartbeat.revision() != node.toldRevision) {
      node.behind = 0;
    }
    node.toldRevision = heartbeat.revision();
  }

  void reports(Step step, HubEvent.Reports event) {
    LiveNode node = inSession(event);
    if (node == null) {
      return;
    }
    leases.heard(step, node);
    for (RunReport report : event.message().runs()) {
      reports.observe(step, node, report, null);
    }
  }

  void known(Step step, HubEvent.Known event) {
    LiveNode node = inSession(event);
    if (node == null) {
      return;
    }
    leases.heard(step, node);
    Set<TaskId> has = new HashSet<>();
    for (RunReport report : event.message().runs()) {
      has.add(report.run().task());
      reports.observe(step, node, report, null);
    }
    Set<TaskId> forgets = memory.forgets.getOrDefault(node.id, new HashSet<>());
    for (TaskId task : event.message().asked()) {
      if (!has.contains(task) && forgets.remove(task)) {
        step.change(new Change.Forgotten(node.id, task));
      }
    }
    giveUpDoubted(step, node, new HashSet<>(event.message().asked()), has);
    restoring.answered(node, event.message().asked());
  }

  void networks(Step step, HubEvent.Networks event) {
    LiveNode node = inSession(event);
    if (node != null) {
      leases.heard(step, node);
      standings.news(step, node, event.message());
    }
  }

  /// What wanted to leave private networks from a node.
  void egress(Step step, HubEvent.Egresses event) {
    LiveNode node = inSession(event);
    if (node == null) {
      return;
    }
    leases.heard(step, node);
    for (NetworkEgress told : event.message().networks()) {
      LiveNetwork network = memory.networks.get(told.network());
      if (network != null && network.nodes().contains(node.id)) {
        network.egress.told(node.id, told, network.membership());
      }
    }
  }

  /// It is told; nothing else follows from it.
  void misread(Step step, HubEvent.Misread misread) {
    LiveNode node = memory.node(misread.node());
    if (node != null) {
      step.event(
          "node.misread",
          null,
          node.id,
          null,
          node.name() + " says of its machine what cannot be: " + misread.what());
    }
  }

  void disconnected(Step step, HubEvent.Disconnected event) {
    LiveNode node = inSession(event);
    if (node != null) {
      node.session = 0;
      node.asked.clear();
      leases.cutOff(step, node);
    }
  }

  /// The node, if this is its present session: an older one has nothing to say any more.
  private @Nullable LiveNode inSession(HubEvent.FromNode event) {
    LiveNode node = memory.node(event.node());
    return node != null && node.session == event.session() ? node : null;
  }
}
