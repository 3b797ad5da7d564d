package io.atoll.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.HubClient;
import io.atoll.client.api.AdvertView;
import io.atoll.client.api.NodeView;
import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Resources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "node",
    header = "Nodes: list, find, show, info, ping, forget.",
    footer = {"  atoll node list", "  atoll node ping reef"},
    subcommands = {
      NodeNoun.ListVerb.class,
      NodeNoun.FindVerb.class,
      NodeNoun.ShowVerb.class,
      NodeInfoVerb.class,
      NodeNoun.PingVerb.class,
      NodeNoun.ForgetVerb.class
    })
final class NodeNoun extends Noun {

  @CommandLine.Command(
      name = "list",
      header = "List the providers that joined.",
      footer = {"  atoll node list", "  atoll node list -o json"})
  static final class ListVerb extends Command {
    @Override
    protected int run(Context context) {
      List<NodeView> nodes = context.hub().nodes();
      if (context.json()) {
        context.printJson(nodes);
      } else if (context.quiet()) {
        nodes.forEach(node -> context.print(node.id().text()));
      } else {
        Table table =
            new Table(
                "NAME",
                "STATE",
                "CPUS FREE",
                "MEMORY FREE",
                "DISK FREE",
                "RUNS",
                "RTT",
                "DRIVERS",
                "ID");
        for (NodeView node : nodes) {
          table.row(
              node.name(),
              node.state(),
              TaskShowCommand.cores(node.free()) + " of " + TaskShowCommand.cores(node.total()),
              ByteSize.format(node.free().memory())
                  + " of "
                  + ByteSize.format(node.total().memory()),
              ByteSize.format(node.free().disk()),
              node.runs(),
              node.rttMillis() == null ? null : PingCount.millis(node.rttMillis()),
              String.join(",", node.drivers()),
              node.id());
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "find",
      header = "Find providers that advertise what is needed, joined or not.",
      description = {
        "",
        "Answered from what the hub has heard; what is free may be taken since. To have one join, send"
            + " its owner an invite."
      },
      footer = {"  atoll node find --cpus 8 --memory 16Gi --driver docker"})
  static final class FindVerb extends Command {
    @Option(names = "--cpus", paramLabel = "CORES", description = "Cores that are free.")
    @Nullable String cpus;

    @Option(names = "--memory", paramLabel = "SIZE", description = "Memory that is free.")
    @Nullable String memory;

    @Option(names = "--disk", paramLabel = "SIZE", description = "Disk that is free.")
    @Nullable String disk;

    @Option(names = "--driver", paramLabel = "NAME", description = "A driver that is offered.")
    @Nullable String driver;

    @Option(names = "--arch", paramLabel = "NAME", description = "The processor, such as amd64.")
    @Nullable String arch;

    @Override
    protected int run(Context context) {
      Map<String, String> search = new LinkedHashMap<>();
      search.put("kind", "provider");
      put(search, "cpus", cpus);
      put(search, "memory", memory);
      put(search, "disk", disk);
      put(search, "driver", driver);
      put(search, "arch", arch);
      List<AdvertView> found = context.hub().adverts(search);
      if (context.json()) {
        context.printJson(found);
      } else if (context.quiet()) {
        found.forEach(provider -> context.print(provider.peer_id().text()));
      } else {
        context.print(table(found));
      }
      return 0;
    }

    private static Table table(List<AdvertView> found) {
      Table table =
          new Table("NAME", "HEARD", "CPUS FREE", "MEMORY FREE", "DISK FREE", "DRIVERS", "ID");
      Instant now = Instant.now();
      for (AdvertView provider : found) {
        JsonNode data = provider.data();
        Resources free = resources(data.path("free"));
        Resources total = resources(data.path("total"));
        List<String> drivers = new ArrayList<>();
        data.path("drivers").forEach(name -> drivers.add(name.asText()));
        table.row(
            data.path("name").asText(),
            Ages.between(provider.timestamp(), now),
            TaskShowCommand.cores(free) + " of " + TaskShowCommand.cores(total),
            ByteSize.format(free.memory()) + " of " + ByteSize.format(total.memory()),
            ByteSize.format(free.disk()),
            String.join(",", drivers),
            provider.peer_id());
      }
      return table;
    }

    private static Resources resources(JsonNode said) {
      return new Resources(
          Math.max(0, said.path("cpuMillis").asLong()),
          Math.max(0, said.path("memory").asLong()),
          Math.max(0, said.path("disk").asLong()));
    }

    private static void put(Map<String, String> search, String name, @Nullable String value) {
      if (value != null) {
        search.put(name, value);
      }
    }
  }

  @CommandLine.Command(
      name = "show",
      header = "Show one node.",
      footer = {"  atoll node show reef"})
  static final class ShowVerb extends Command {
    @Parameters(paramLabel = "NODE", description = "Peer id or name.")
    String node = "";

    @Override
    protected int run(Context context) {
      NodeView view = context.hub().node(node);
      if (context.json()) {
        context.printJson(view);
        return 0;
      }
      if (context.quiet()) {
        context.print(view.id().text());
        return 0;
      }
      TaskShowCommand.line(context, "name", view.name());
      TaskShowCommand.line(context, "id", view.id());
      TaskShowCommand.line(context, "state", view.state());
      TaskShowCommand.line(context, "version", view.version());
      TaskShowCommand.line(context, "system", view.os() + " " + view.arch());
      TaskShowCommand.line(context, "total", TaskShowCommand.amounts(view.total()));
      TaskShowCommand.line(context, "free", TaskShowCommand.amounts(view.free()));
      TaskShowCommand.line(context, "drivers", String.join(", ", view.drivers()));
      TaskShowCommand.line(context, "cannot limit", String.join(", ", view.missing()));
      TaskShowCommand.line(context, "runs", view.runs());
      TaskShowCommand.line(
          context,
          "round trip",
          view.rttMillis() == null ? null : PingCount.millis(view.rttMillis()));
      TaskShowCommand.line(context, "joined", view.joinedAt());
      TaskShowCommand.line(context, "changed", view.changedAt());
      return 0;
    }
  }

  @CommandLine.Command(
      name = "ping",
      header = "Measure the round trip from the hub to a node.",
      footer = {"  atoll node ping reef", "  atoll node ping -c 10 reef"})
  static final class PingVerb extends Command {
    @Mixin PingCount pings = new PingCount();

    @Parameters(paramLabel = "NODE", description = "Peer id or name.")
    String node = "";

    @Override
    protected int run(Context context) {
      if (pings.wrong()) {
        throw usage("Invalid value for --count: write 1 to 1000");
      }
      HubClient hub = context.hub();
      pings.measure(context, "node", node, () -> hub.ping(node));
      return 0;
    }
  }

  @CommandLine.Command(
      name = "forget",
      header = "Forget nodes that will not come back.",
      description = {"", "Their runs are given up; to return, they have to join anew."},
      footer = {"  atoll node forget reef"})
  static final class ForgetVerb extends Command {
    @Parameters(paramLabel = "NODE", arity = "1..*", description = "Peer id or name.")
    List<String> nodes = List.of();

    @Override
    protected int run(Context context) {
      HubClient hub = context.hub();
      for (String node : nodes) {
        hub.forget(node);
        context.print(node);
      }
      return 0;
    }
  }
}
