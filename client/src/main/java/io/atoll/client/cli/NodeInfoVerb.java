package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.CpuView;
import io.atoll.client.api.GpuView;
import io.atoll.client.api.MachineView;
import io.atoll.client.api.NodeTask;
import io.atoll.client.api.NodeTasks;
import io.atoll.client.api.NodeUsage;
import io.atoll.client.request.TimeSpan;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "info",
    header = "Read a node's machine: processor, memory, disk, graphics, use, tasks.",
    description = {
      "",
      "Read there for this answer; a node that is away cannot say. What it offers, and how it"
          + " stands with the hub, shows `atoll node show`."
    },
    footer = {"  atoll node info reef", "  atoll node info reef -o json"})
final class NodeInfoVerb extends Command {
  @Parameters(paramLabel = "NODE", description = "Peer id or name.")
  String node = "";

  @Override
  protected int run(Context context) {
    HubClient hub = context.hub();
    MachineView machine = hub.machine(node);
    if (context.quiet()) {
      context.print(machine.node().text());
      return 0;
    }
    NodeUsage usage = hub.usage(node);
    NodeTasks tasks = hub.tasksOn(node);
    if (context.json()) {
      context.printJson(Map.of("machine", machine, "usage", usage, "tasks", tasks));
      return 0;
    }
    print(context, machine);
    print(context, usage);
    print(context, tasks);
    return 0;
  }

  private static void print(Context context, MachineView machine) {
    line(context, "name", machine.name());
    line(context, "id", machine.node());
    line(context, "processor", processor(machine.cpu(), machine.host().processor()));
    line(
        context,
        "memory",
        gib(machine.mem().gib()) + " free for tasks, of " + gib(machine.mem().total()));
    line(context, "disk", gib(machine.storage().gib()) + " free for tasks" + kind(machine));
    line(context, "system", machine.os().name() + " (" + machine.host().kernel() + ")");
    line(context, "hostname", machine.host().hostname());
    for (GpuView gpu : machine.gpu()) {
      line(context, "graphics", graphics(gpu));
    }
  }

  private static String processor(CpuView cpu, String model) {
    String bits = cpu.bit().stream().map(String::valueOf).collect(Collectors.joining(" and "));
    return (model.isEmpty() ? "" : model + ", ")
        + cpu.architecture()
        + " "
        + bits
        + " bit, "
        + cpu.cores()
        + " cores, "
        + cpu.threads()
        + " threads";
  }

  private static String kind(MachineView machine) {
    String kind = machine.host().diskKind();
    return kind.equals("UNKNOWN") ? "" : " (" + kind + ")";
  }

  private static String graphics(GpuView gpu) {
    StringBuilder text = new StringBuilder(gpu.vendor());
    append(text, " ", gpu.model() != null ? gpu.model() : gpu.deviceId());
    append(text, ", ", gpu.gib() == null ? null : gib(gpu.gib()));
    append(text, ", driver ", gpu.driver());
    append(text, ", at ", gpu.address());
    return text.toString();
  }

  private static void append(StringBuilder text, String before, @Nullable String what) {
    if (what != null) {
      text.append(before).append(what);
    }
  }

  private static void print(Context context, NodeUsage usage) {
    line(
        context,
        "busy",
        String.format(
            Locale.ROOT,
            "%.0f %% of the processors, %s of %s memory, %s of %s disk",
            usage.cpu() * 100,
            number(usage.mem().used()),
            gib(usage.mem().total()),
            number(usage.storage().used()),
            gib(usage.storage().total())));
    List<Double> load = usage.load();
    line(context, "load", load.stream().map(NodeInfoVerb::number).collect(Collectors.joining(" ")));
    Long up = usage.uptimeSeconds();
    line(context, "up", up == null ? null : TimeSpan.format(Duration.ofSeconds(up)));
    line(
        context,
        "power",
        usage.power().equals("UNKNOWN") ? null : usage.power().toLowerCase(Locale.ROOT));
  }

  private static void print(Context context, NodeTasks tasks) {
    line(context, "tasks", tasks.tasks().size() + (tasks.others() == 0 ? "" : others(tasks)));
    for (NodeTask task : tasks.tasks()) {
      String name = task.name();
      line(
          context,
          "",
          (name == null ? task.id().text() : name)
              + " "
              + task.state()
              + " ("
              + task.driver()
              + ", "
              + TaskShowCommand.amounts(task.reserved())
              + ")");
    }
  }

  private static String others(NodeTasks tasks) {
    return " and " + tasks.others() + " of other hubs";
  }

  private static String gib(double amount) {
    return number(amount) + " GiB";
  }

  private static String number(double amount) {
    return String.format(Locale.ROOT, "%.2f", amount);
  }

  private static void line(Context context, String name, @Nullable Object value) {
    TaskShowCommand.line(context, name, value);
  }
}
