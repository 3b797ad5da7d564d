package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.TaskPage;
import io.atoll.client.api.TaskView;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.TaskId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Tasks as a list: table, ids or JSON.
final class TaskTable {
  private static final int PAGE = 200;

  private TaskTable() {}

  static int show(Context context, boolean ended, int most) {
    List<TaskView> tasks = fetch(context.hub(), ended, most);
    if (context.json()) {
      context.printJson(tasks);
    } else if (context.quiet()) {
      tasks.forEach(task -> context.print(task.id().text()));
    } else {
      context.print(table(tasks));
    }
    return 0;
  }

  private static List<TaskView> fetch(HubClient hub, boolean ended, int most) {
    List<TaskView> tasks = new ArrayList<>();
    TaskId cursor = null;
    do {
      TaskPage page = hub.tasks(ended, cursor, Math.min(PAGE, most - tasks.size()));
      tasks.addAll(page.tasks());
      cursor = page.next();
    } while (cursor != null && tasks.size() < most);
    return tasks;
  }

  private static Table table(List<TaskView> tasks) {
    Table table =
        new Table("ID", "NAME", "STATE", "EXIT", "DRIVER", "NODE", "AGE", "ENDPOINTS", "DETAIL");
    Instant now = Instant.now();
    for (TaskView task : tasks) {
      table.row(
          task.id(),
          task.name(),
          state(task),
          task.exitCode(),
          task.driver(),
          node(task),
          Ages.between(task.createdAt(), now),
          task.endpoints().stream().map(Endpoint::toString).collect(Collectors.joining(",")),
          task.waiting() == null ? task.detail() : task.waiting().summary());
    }
    return table;
  }

  static String state(TaskView task) {
    return task.deep() ? task.state() + " (deep)" : task.state().name();
  }

  /// Its name, with the state if that is worth a word.
  static String node(TaskView task) {
    String name =
        task.nodeName() != null ? task.nodeName() : task.node() == null ? "" : task.node().text();
    String state = task.nodeState();
    return state == null || state.equals("ONLINE") || task.state().ended()
        ? name
        : name + " (" + state + ")";
  }
}
