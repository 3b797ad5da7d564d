package io.atoll.daemon.hub.machine;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.Precondition;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.TaskRow;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.ToProvider;
import io.atoll.scheduler.Explainer;
import io.atoll.scheduler.Explanation;
import io.atoll.scheduler.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What callers ask of tasks.
final class Requests {
  private final Memory memory;
  private final Runs runs;
  private final Networks networks;
  private final Views views;

  Requests(Memory memory, Runs runs, Networks networks, Views views) {
    this.memory = memory;
    this.runs = runs;
    this.networks = networks;
    this.views = views;
  }

  void submit(Step step, HubEvent.Submit event) {
    HubEvent.Idempotency idempotency = event.idempotency();
    String remembered =
        idempotency == null ? "" : event.authority().keyId() + "/" + idempotency.key();
    if (idempotency != null && isRepeat(step, event.ticket(), remembered, idempotency)) {
      return;
    }
    TaskSpec spec = event.spec();
    String name = spec.name();
    TaskId holder = name == null ? null : memory.names.get(name);
    if (holder != null) {
      step.fail(
          event.ticket(),
          ErrorCode.CONFLICT,
          "a task called " + name + " exists and has not ended (" + holder + ")",
          "choose another name, or end it first: atoll stop " + name);
      return;
    }
    LiveTask task =
        new LiveTask(
            new TaskRow(
                event.id(),
                spec,
                TaskState.QUEUED,
                Desired.RUN,
                Epoch.NONE,
                TaskRow.Attempts.NONE,
                event.authority(),
                "queued",
                step.now.wall(),
                null,
                null,
                null,
                null));
    if (isRefused(step, event.ticket(), task) || networks.isRefused(step, event.ticket(), task)) {
      return;
    }
    step.create(task);
    memory.tasks.put(task.id, task);
    if (name != null) {
      memory.names.put(name, task.id);
    }
    if (idempotency != null) {
      memory.made.put(remembered, new Memory.Made(idempotency.bodyHash(), task.id));
      step.change(
          new Change.PutIdempotency(
              event.authority().keyId(),
              idempotency.key(),
              idempotency.bodyHash(),
              task.id,
              idempotency.expires()));
    }
    step.event("task.created", task.id, null, null, "submitted");
    runs.enqueue(step.now, task, Duration.ZERO);
    runs.plan(step);
    step.reply(event.ticket(), new Answer.Task(views.brief(task)));
  }

  private boolean isRepeat(
      Step step, long ticket, String remembered, HubEvent.Idempotency idempotency) {
    Memory.Made made = memory.made.get(remembered);
    if (made == null && idempotency.stored() != null) {
      made = new Memory.Made(idempotency.stored().bodyHash(), idempotency.stored().task());
    }
    if (made == null) {
      return false;
    }
    if (made.bodyHash().equals(idempotency.bodyHash())) {
      step.reply(ticket, new Answer.Repeated(made.task()));
    } else {
      step.fail(
          ticket,
          ErrorCode.CONFLICT,
          "the Idempotency-Key "
              + idempotency.key()
              + " was used for another request (task "
              + made.task()
              + ")",
          "use a new key for a new request");
    }
    return true;
  }

  /// What waiting would not mend is told at once.
  private boolean isRefused(Step step, long ticket, LiveTask task) {
    String node = task.spec.node();
    if (node != null && findNodes(node).isEmpty()) {
      step.fail(
          ticket,
          ErrorCode.NOT_FOUND,
          "the task asks for node " + node + ", and no such node has joined",
          "atoll node list shows the nodes; leave out --node to take any");
      return true;
    }
    Need need = runs.need(task);
    if (memory.config.refuseImpossible() && Explainer.tooLargeForAll(need, memory.capacities())) {
      Explanation why = Explainer.explain(need, memory.capacities(), Map.of());
      step.fail(
          ticket,
          ErrorCode.NO_CAPACITY,
          "no node can take the task: " + why.summary(),
          why.smallestChange());
      return true;
    }
    return false;
  }

  private List<LiveNode> findNodes(String idOrName) {
    return memory.nodes.values().stream()
        .filter(node -> node.id.text().equals(idOrName) || node.name().equals(idOrName))
        .toList();
  }

  /// The only node of this peer id or name; null if there is none or more than one.
  @Nullable PeerId node(String idOrName) {
    List<LiveNode> found = findNodes(idOrName);
    return found.size() == 1 ? found.getFirst().id : null;
  }

  void stop(Step step, HubEvent.StopTask event) {
    LiveTask task = memory.tasks.get(event.id());
    if (task == null) {
      step.reply(event.ticket(), new Answer.NotLive(event.id()));
      return;
    }
    switch (task.state) {
      case QUEUED -> {
        step.touch(task);
        task.desired = Desired.STOP;
        task.detail = "stopped before it was placed";
        runs.over(step, task, TaskState.STOPPED);
      }
      case STARTING, RUNNING, SUSPENDED -> askToEnd(step, task);
      case STOPPING, SUCCEEDED, FAILED, STOPPED -> {}
    }
    step.reply(event.ticket(), new Answer.Task(views.brief(task)));
  }

  private void askToEnd(Step step, LiveTask task) {
    step.touch(task);
    task.desired = Desired.STOP;
    task.state = TaskState.STOPPING;
    task.detail = "asked to end";
    RunRow run = task.openRun();
    LiveNode node = run == null ? null : memory.node(run.node());
    if (run != null && node != null) {
      if (node.state == LiveNode.State.LOST || node.session == 0) {
        task.detail =
            "asked to end; " + node.name() + " is silent and will be told when it is back";
      }
      if (node.desired.containsKey(run.id())) {
        step.put(node, runs.order(task, run.id()));
      }
    }
    step.event("task.stopping", task.id, run == null ? null : run.node(), task.epoch, task.detail);
  }

  void delete(Step step, HubEvent.DeleteTask event) {
    if (memory.tasks.containsKey(event.id())) {
      step.fail(
          event.ticket(),
          ErrorCode.CONFLICT,
          "task " + event.id() + " has not ended",
          "stop it first: atoll stop " + event.id());
      return;
    }
    TaskRow row = event.stored();
    if (row == null || !row.state().ended()) {
      step.fail(
          event.ticket(),
          row == null ? ErrorCode.NOT_FOUND : ErrorCode.CONFLICT,
          row == null ? "there is no task " + event.id() : "task " + event.id() + " is just ending",
          row == null ? "atoll task list shows the tasks" : "try again");
      return;
    }
    step.require(new Precondition.TaskIs(row.id(), row.epoch(), row.state()));
    step.change(new Change.DeleteTask(row.id()));
    memory.deleted.add(row.id());
    Set<PeerId> where = new TreeSet<>();
    event.runs().forEach(run -> where.add(run.node()));
    for (PeerId id : where) {
      LiveNode node = memory.node(id);
      if (node != null) {
        memory.forgets.computeIfAbsent(id, _ -> new TreeSet<>()).add(row.id());
        step.change(new Change.PutForget(id, row.id()));
        step.send(node, new ToProvider.Forget(List.of(row.id())));
      }
    }
    step.event("task.deleted", row.id(), null, null, "deleted with its history");
    step.reply(event.ticket(), new Answer.Done());
  }

  void forgetNode(Step step, HubEvent.NodeForgotten event) {
    LiveNode node = memory.node(event.node());
    if (node == null) {
      step.fail(
          event.ticket(),
          ErrorCode.NOT_FOUND,
          "no node " + event.node() + " has joined",
          "atoll node list shows the nodes");
      return;
    }
    for (var run : new ArrayList<>(node.assigned.keySet())) {
      LiveTask task = memory.tasks.get(run.task());
      RunRow open = task == null ? null : task.openRun();
      if (task != null && open != null && open.id().equals(run)) {
        runs.end(step, task, Exit.lost("its node " + node.name() + " was removed from the hub"));
      }
    }
    step.send(
        node,
        new ToProvider.Refused(
            ErrorCode.DENIED.name(),
            "this hub has removed the node",
            "ask the hub's operator for a new invite, then: atoll join INVITE"));
    if (node.session != 0) {
      step.act(new HubAction.Close(node.id, node.session));
    }
    memory.nodes.remove(node.id);
    networks.forgotten(step, node);
    failThoseThatWantOnly(step, node);
    Set<TaskId> forgets = memory.forgets.remove(node.id);
    if (forgets != null) {
      forgets.forEach(task -> step.change(new Change.Forgotten(node.id, task)));
    }
    step.change(new Change.DeleteNode(node.id));
    step.event("node.forgotten", null, node.id, null, node.name() + " was removed");
    step.reply(event.ticket(), new Answer.Done());
  }

  /// Waiting tasks that may go to the removed node alone would wait for ever.
  private void failThoseThatWantOnly(Step step, LiveNode node) {
    List<LiveTask> stranded =
        memory.tasks.values().stream()
            .filter(task -> task.state == TaskState.QUEUED)
            .filter(
                task ->
                    node.id.text().equals(task.spec.node()) || node.name().equals(task.spec.node()))
            .filter(task -> findNodes(String.valueOf(task.spec.node())).isEmpty())
            .sorted((a, b) -> a.id.compareTo(b.id))
            .toList();
    for (LiveTask task : stranded) {
      step.touch(task);
      task.detail = "the only node it may run on, " + node.name() + ", was removed from the hub";
      runs.over(step, task, TaskState.FAILED);
    }
  }
}
