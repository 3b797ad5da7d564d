package io.atoll.client.cli;

import io.atoll.client.api.EventView;
import io.atoll.client.api.TaskAddress;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskView;
import io.atoll.client.api.Waiting;
import io.atoll.client.request.Shown;
import io.atoll.client.request.TimeSpan;
import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Guest;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "show",
    header = "Show one task: where it stands, why it waits, what happened.",
    footer = {"  atoll task show web", "  atoll task show -o json web | jq .exitCode"})
final class TaskShowCommand extends Command {
  private static final int LONGEST = 400;

  @Parameters(paramLabel = "TASK", description = "Id or name.")
  String task = "";

  @Override
  protected int run(Context context) {
    TaskView view = context.hub().task(task);
    if (context.json()) {
      context.printJson(view);
    } else if (context.quiet()) {
      context.print(view.id().text());
    } else {
      show(context, view);
    }
    return 0;
  }

  private static void show(Context context, TaskView task) {
    TaskSpec spec = task.spec();
    Workload workload = spec.workload();
    line(context, "id", task.id());
    line(context, "name", task.name());
    line(context, "state", TaskTable.state(task));
    line(context, "detail", task.detail());
    line(context, "exit code", task.exitCode());
    line(context, "exit detail", task.exitDetail());
    line(context, "node", TaskTable.node(task));
    line(context, "node id", task.node());
    line(context, "run", task.epoch());
    line(
        context,
        "endpoints",
        task.endpoints().stream()
            .map(at -> at + (task.isProxied(at.port()) ? " (proxied)" : " (direct)"))
            .collect(Collectors.joining(", ")));
    for (TaskAddress at : task.addresses()) {
      line(context, "network " + at.network(), at.v4() + ", " + at.v6() + ", " + at.host());
    }
    line(
        context,
        "driver",
        workload.driver()
            + (workload.isolation() == Workload.Isolation.BARE ? ", unsandboxed" : ""));
    line(context, "image", workload.image());
    line(context, "command", String.join(" ", workload.command()));
    line(context, "machine", machine(workload.guest()));
    line(context, "asks for", amounts(workload.resources()));
    line(context, "only on", spec.node());
    line(context, "priority", spec.priority());
    line(
        context,
        "restart",
        spec.restart().policy().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    line(context, "on disconnect", spec.onDisconnect().name().toLowerCase(Locale.ROOT));
    line(
        context,
        "time limit",
        spec.timeLimitSeconds() == 0
            ? null
            : TimeSpan.format(Duration.ofSeconds(spec.timeLimitSeconds())));
    line(context, "created", task.createdAt());
    line(context, "started", task.startedAt());
    line(context, "ended", task.endedAt());
    Waiting waiting = task.waiting();
    if (waiting != null) {
      context.print("");
      context.print("waits: " + waiting.summary());
      if (!waiting.smallestChange().isEmpty()) {
        context.print("  would fit with: " + waiting.smallestChange());
      }
      for (Waiting.NodeRefusal refusal : waiting.nodes()) {
        context.print("  " + refusal.name() + ": " + String.join("; ", refusal.reasons()));
      }
    }
    if (!task.events().isEmpty()) {
      context.print("");
      for (EventView event : task.events()) {
        context.print(EventsCommand.line(event, false));
      }
    }
  }

  private static String machine(Guest guest) {
    List<String> parts = new ArrayList<>();
    if (!guest.hostname().isEmpty()) {
      parts.add(guest.hostname());
    }
    if (!guest.sshKeys().isEmpty()) {
      parts.add(guest.sshKeys().size() + (guest.sshKeys().size() == 1 ? " SSH key" : " SSH keys"));
    }
    if (!guest.userData().isEmpty()) {
      parts.add("user-data");
    }
    return String.join(", ", parts);
  }

  static String amounts(Resources resources) {
    String disk = resources.disk() == 0 ? "" : ", " + ByteSize.format(resources.disk()) + " disk";
    return cores(resources) + " cores, " + ByteSize.format(resources.memory()) + " memory" + disk;
  }

  static String cores(Resources resources) {
    return BigDecimal.valueOf(resources.cpuMillis(), 3).stripTrailingZeros().toPlainString();
  }

  static void line(Context context, String name, @Nullable Object value) {
    String text = value == null ? "" : value.toString();
    if (!text.isEmpty()) {
      context.print(
          name + " ".repeat(Math.max(1, 15 - name.length())) + Shown.plain(text, LONGEST));
    }
  }
}
