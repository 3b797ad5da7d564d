package io.atoll.daemon.provider.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.time.Now;
import io.atoll.daemon.journal.JournalChange;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.ToHub;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What one step has come to so far. A run that changes several times is journalled once, and each
/// hub gets one message of reports.
final class Turn {
  final Now now;
  private final Map<TaskId, JournalChange> runs = new LinkedHashMap<>();
  private final List<JournalChange> changes = new ArrayList<>();
  private final List<ProviderAction> actions = new ArrayList<>();
  private final TreeMap<PeerId, Map<RunId, RunReport>> reports = new TreeMap<>();

  /// This node.
  final PeerId self;

  Turn(Now now, PeerId self) {
    this.now = now;
    this.self = self;
  }

  void complain(String what) {
    act(new ProviderAction.Complain(what));
  }

  void put(ProviderRun run) {
    runs.put(run.task(), new JournalChange.PutRun(run.record()));
  }

  void drop(TaskId task) {
    runs.put(task, new JournalChange.DropRun(task));
  }

  void change(JournalChange change) {
    changes.add(change);
  }

  void act(ProviderAction action) {
    actions.add(action);
  }

  void report(PeerId hub, RunReport report) {
    reports.computeIfAbsent(hub, _ -> new LinkedHashMap<>()).put(report.run(), report);
  }

  void send(HubLink link, ToHub message) {
    if (link.session != 0) {
      actions.add(new ProviderAction.Send(link.hub, link.session, message));
    }
  }

  /// @param links reports to hubs without a session are left for the next hello
  ProviderDecision finish(Map<PeerId, HubLink> links) {
    reports.forEach(
        (hub, list) -> {
          HubLink link = links.get(hub);
          if (link != null) {
            send(link, new ToHub.Reports(List.copyOf(list.values())));
          }
        });
    List<JournalChange> all = new ArrayList<>(runs.values());
    all.addAll(changes);
    return new ProviderDecision(all, actions);
  }
}
