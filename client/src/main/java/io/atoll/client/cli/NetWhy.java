package io.atoll.client.cli;

import io.atoll.client.api.PathView;
import io.atoll.client.api.TriedWay;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "why",
    header = "Say how packets get from one member to another, and why so.",
    description = {
      "",
      "The first one's node tries for a few seconds, and says what became of each way: the other's"
          + " own addresses, those where others see it, relays; and what to do where none is direct."
    },
    footer = {
      "  atoll net why mynet web db",
      "  atoll net why mynet web db -o json | jq -r '.fix[]'"
    })
final class NetWhy extends Command {
  @Parameters(index = "0", paramLabel = "NETWORK", description = "Id or name.")
  String network = "";

  @Parameters(index = "1", paramLabel = "FROM", description = "A member, by name or id.")
  String from = "";

  @Parameters(index = "2", paramLabel = "TO", description = "Another.")
  String to = "";

  @Override
  protected int run(Context context) {
    PathView path = context.hub().privateNetworks().why(network, from, to);
    if (context.json()) {
      context.printJson(path);
      return 0;
    }
    context.print(path.verdict());
    if (context.quiet()) {
      return 0;
    }
    if (!path.tried().isEmpty()) {
      Table table = new Table("WAY", "KIND", "STATE", "RTT", "CAUSE");
      for (TriedWay one : path.tried()) {
        Double millis = one.millis();
        String took = millis == null ? "" : String.format(Locale.ROOT, "%.1f ms", millis);
        table.row(one.way(), one.kind(), one.state(), took, one.cause());
      }
      context.print(table);
    }
    path.fix().forEach(fix -> context.print("fix: " + fix));
    return 0;
  }
}
