package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.TaskNetwork;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "run",
    header = "Run a program on some machine of the pool and follow it.",
    description = {
      "",
      "Follows the program's output and exits with its exit status. 125 means that Atoll failed.",
      "Ctrl-C asks what to do: stop the task, leave it running, or go on."
    },
    customSynopsis = "atoll run [OPTIONS] [--] PROGRAM [ARGUMENTS]",
    footer = {
      "  atoll run -- echo hello",
      "  atoll run --memory 2Gi --cpus 2 --time-limit 2h30m -- make all",
      "  atoll run --image debian:12 -- cat /etc/os-release",
      "  atoll run --driver process --image prog -- --its-option",
      "  atoll run --image nginx --publish-all --restart always --name web --detach",
      "  atoll run --net mynet --name db --image postgres --detach",
      "  atoll run --driver vm --image debian-12 --ssh-key ~/.ssh/id_ed25519.pub --name box --detach"
    })
final class RunCommand extends Command {
  @Option(
      names = "--driver",
      paramLabel = "DRIVER",
      description =
          "process, docker, microvm, vm, or a runtime of its node's owner; docker if an image is"
              + " given, else process.")
  @Nullable String driver;

  @Option(
      names = "--image",
      paramLabel = "REF",
      description =
          "Container image; with driver process a program or archive, and what follows are its"
              + " arguments; with driver vm an image of virtual machines, such as debian-12.")
  @Nullable String image;

  @Option(
      names = "--node",
      paramLabel = "NODE",
      description = "The only node it may run on: peer id or name.")
  @Nullable String node;

  @Option(
      names = "--cpus",
      paramLabel = "N",
      description = "Cores it may use at most, such as 1.5 (0.5; 1 for a vm).")
  @Nullable String cpus;

  @Option(
      names = {"-m", "--memory"},
      paramLabel = "SIZE",
      description = "Memory, such as 512M or 4Gi (256Mi; 512Mi for a vm).")
  @Nullable String memory;

  @Option(
      names = "--disk",
      paramLabel = "SIZE",
      description =
          "Writable space, such as 1Gi (0). No file grows beyond it; the sum is looked at every"
              + " second, and a task that passed it is stopped.")
  @Nullable String disk;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "K=V",
      description = "Variable of its environment; K alone takes the value from here.")
  List<String> env = List.of();

  @Option(
      names = {"-p", "--publish"},
      paramLabel = "PORT",
      description = "Port to publish: 80, 80/tcp, 53/udp (docker, vm; 22 of a vm always is).")
  List<String> ports = List.of();

  @Option(
      names = "--publish-all",
      description = "Publish every port that the image exposes (docker).")
  boolean publishAll;

  @Option(
      names = "--net",
      paramLabel = "NAME[=ADDRESS]",
      description = "Private network that it is in, perhaps at a given address; may be repeated.")
  List<String> networks = List.of();

  @Option(names = "--name", paramLabel = "NAME", description = "What people call it.")
  @Nullable String name;

  @Option(
      names = "--priority",
      paramLabel = "N",
      description = "1 to 100, more is more urgent (50).")
  @Nullable Integer priority;

  @Option(
      names = "--restart",
      paramLabel = "WHEN",
      description =
          "never, on-failure[:N] or always[:N] (never); N runs at most, the first included.")
  @Nullable String restart;

  @Option(
      names = "--on-disconnect",
      paramLabel = "WHAT",
      description = "If its node stays silent: keep, stop or replace (keep).")
  @Nullable String onDisconnect;

  @Option(
      names = "--time-limit",
      paramLabel = "SPAN",
      description = "Stop it after this time, such as 2h30m.")
  @Nullable String timeLimit;

  @Option(
      names = "--grace",
      paramLabel = "SPAN",
      description = "Time between asking it to end and ending it (10s; 60s for a vm).")
  @Nullable String grace;

  @Option(
      names = "--max-processes",
      paramLabel = "N",
      description = "Processes and threads at once (1024).")
  @Nullable Integer maxProcesses;

  @Option(
      names = "--unsandboxed",
      description = "With limits but no sandbox, where the node's operator allows it.")
  boolean unsandboxed;

  @Option(
      names = {"-d", "--detach"},
      description = "Print the task's id and do not follow it.")
  boolean detach;

  @ArgGroup(exclusive = false, heading = "%nWho a virtual machine is to be (vm):%n")
  GuestOptions guest = new GuestOptions();

  @Parameters(
      paramLabel = "PROGRAM",
      arity = "0..*",
      description = "The program and its arguments.")
  List<String> command = List.of();

  @Override
  protected int run(Context context) throws Exception {
    TaskRequest request = request(context.terminal().environment());
    HubClient hub = context.hub();
    Submission submission = new Submission(context, hub, request);
    try (Interrupts.Watch _ = context.interrupts().watch(submission::interrupt)) {
      Optional<TaskView> task = submission.send();
      if (task.isEmpty()) {
        return Follow.INTERRUPTED;
      }
      return detach
          ? detach(context, submission, task.get())
          : follow(context, hub, submission, task.get());
    }
  }

  private static int detach(Context context, Submission submission, TaskView task) {
    if (context.json()) {
      context.printJson(task);
    } else {
      context.print(task.id().text());
    }
    if (submission.interrupted()) {
      context.note(Follow.goesOn(task));
      return Follow.INTERRUPTED;
    }
    return 0;
  }

  private static int follow(Context context, HubClient hub, Submission submission, TaskView task)
      throws Exception {
    Follow follow = new Follow(context, hub, task);
    submission.handOver(follow::interrupt);
    return follow.toTheEnd();
  }

  @Override
  int statusOf(AtollException failure) {
    return Failures.OWN_FAILURE;
  }

  private TaskRequest request(Map<String, String> here) {
    if (command.isEmpty() && image == null) {
      throw usage("Missing program: name one behind --, or an image by --image");
    }
    return new TaskRequest(
        name,
        driver,
        image,
        command,
        variables(here),
        cpus,
        memory,
        disk,
        priority,
        node,
        ports,
        publishAll ? true : null,
        restart,
        null,
        onDisconnect,
        timeLimit,
        grace,
        maxProcesses,
        unsandboxed ? true : null,
        guest.hostname,
        guest.keys(this::usage),
        guest.userData(this::usage),
        networks.isEmpty() ? null : networks.stream().map(this::network).toList());
  }

  private TaskNetwork network(String text) {
    int equals = text.indexOf('=');
    if (equals == 0 || equals == text.length() - 1) {
      throw usage("Invalid value for --net: '" + text + "' is not NAME or NAME=ADDRESS");
    }
    return equals < 0
        ? new TaskNetwork(text, null)
        : new TaskNetwork(text.substring(0, equals), text.substring(equals + 1));
  }

  private Map<String, String> variables(Map<String, String> here) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String text : env) {
      int equals = text.indexOf('=');
      if (equals == 0) {
        throw usage("Invalid value for --env: '" + text + "' has no name before the =");
      }
      if (equals > 0) {
        variables.put(text.substring(0, equals), text.substring(equals + 1));
      } else if (here.containsKey(text)) {
        variables.put(text, here.get(text));
      }
    }
    return variables;
  }
}
