package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.HubView;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "hub",
    header = "Hubs that this machine's provider joined, and peers that it allows: list, leave.",
    footer = {"  atoll hub list", "  atoll hub allow ID", "  atoll hub leave ID"},
    subcommands = {HubNoun.ListVerb.class, HubNoun.AllowVerb.class, HubNoun.LeaveVerb.class})
final class HubNoun extends Noun {
  private static final String REMEDY = "start it: `atoll up --provider`";

  /// What a hub may do, in one phrase.
  static String terms(HubView hub) {
    return String.join(", ", hub.drivers())
        + (hub.unsandboxed() ? "; tasks without a sandbox" : "; sandboxed tasks only")
        + (hub.egress() ? "; other networks" : "; no other networks");
  }

  @CommandLine.Command(
      name = "list",
      header = "List the hubs that were joined, and how it stands with each.",
      footer = {"  atoll hub list", "  atoll hub list -o json"})
  static final class ListVerb extends Command {
    @Override
    protected int run(Context context) {
      List<HubView> hubs = LocalDaemon.reach(context, REMEDY).hubs();
      if (context.json()) {
        context.printJson(hubs);
      } else if (context.quiet()) {
        hubs.forEach(hub -> context.print(hub.id().text()));
      } else {
        Table table = new Table("ID", "CONNECTED", "JOINED", "MAY USE", "STATUS");
        Instant now = Instant.now();
        for (HubView hub : hubs) {
          table.row(
              hub.id(),
              hub.connected() ? "yes" : "no",
              Ages.between(hub.joinedAt(), now),
              terms(hub),
              hub.status());
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "allow",
      header = "Let peers that are no hubs have containers and microVMs run here.",
      description = {
        "",
        "Such a peer sends deployment requests over libp2p (/atoll/deploy/1). It may use what a hub"
            + " that is joined now may use; `atoll hub leave` ends it, and what runs for it."
      },
      footer = {"  atoll hub allow 12D3KooW…"})
  static final class AllowVerb extends Command {
    @Parameters(paramLabel = "ID", arity = "1..*", description = "Peer id of who may.")
    List<String> ids = List.of();

    @Override
    protected int run(Context context) {
      HubClient daemon = LocalDaemon.reach(context, REMEDY);
      for (String id : ids) {
        HubView allowed = daemon.allow(id);
        context.print(allowed.id().text());
        if (!context.quiet()) {
          context.note("may send deployment requests. It may use here: " + terms(allowed));
        }
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "leave",
      header = "Leave hubs: what runs here for them is stopped.",
      description = {
        "",
        "The hub sees this node as lost until its owner forgets it (`atoll node forget`). To return,"
            + " join with a new invite."
      },
      footer = {"  atoll hub leave ID"})
  static final class LeaveVerb extends Command {
    @Parameters(paramLabel = "ID", arity = "1..*", description = "Peer id of the hub.")
    List<String> ids = List.of();

    @Override
    protected int run(Context context) {
      HubClient daemon = LocalDaemon.reach(context, REMEDY);
      for (String id : ids) {
        daemon.leave(id);
        context.print(id);
      }
      return 0;
    }
  }
}
