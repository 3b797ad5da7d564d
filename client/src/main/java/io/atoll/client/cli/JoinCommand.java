package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.AdvertView;
import io.atoll.client.api.HubView;
import io.atoll.client.api.JoinRequest;
import io.atoll.core.term.Invite;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "join",
    header = "Make this machine's provider join a hub.",
    description = {
      "",
      "Speaks to the daemon of this machine, which keeps the connection to the hub from then on, over"
          + " restarts too. What the hub may do here is what the daemon was started with: see the"
          + " options --allow-… of `atoll up`.",
      "",
      "With --find it lists the hubs that advertise themselves. To join one takes an invite all the"
          + " same: its owner makes it, and it holds the hub's key."
    },
    footer = {
      "  atoll join atoll-invite-…",
      "  atoll up --provider --join atoll-invite-…    where no daemon runs yet",
      "  atoll join --find                            hubs that advertise",
      "  atoll hub list                               what was joined"
    })
final class JoinCommand extends Command {
  @Parameters(
      paramLabel = "INVITE",
      arity = "0..1",
      description = "The string that the hub's owner made with `atoll invite create`.")
  String invite = "";

  @Option(names = "--find", description = "List the hubs that advertise themselves.")
  boolean find;

  @Override
  protected int run(Context context) {
    if (find == !invite.isEmpty()) {
      throw usage(
          find ? "--find takes no INVITE" : "name an INVITE, or look for a hub with --find");
    }
    if (find) {
      return find(context);
    }
    String text = Invite.parse(invite).text();
    HubClient daemon =
        LocalDaemon.reach(
            context, "start one that joins at once: `atoll up --provider --join INVITE`");
    HubView hub = daemon.join(new JoinRequest(text));
    if (context.json()) {
      context.printJson(hub);
      return 0;
    }
    context.print(hub.id().text());
    if (!context.quiet()) {
      context.note("joined this hub. It may use here: " + HubNoun.terms(hub));
    }
    return 0;
  }

  private static int find(Context context) {
    List<AdvertView> hubs =
        LocalDaemon.reach(context, "start it: `atoll up`").adverts(Map.of("kind", "hub"));
    if (context.json()) {
      context.printJson(hubs);
    } else if (context.quiet()) {
      hubs.forEach(hub -> context.print(hub.peer_id().text()));
    } else {
      Table table = new Table("NAME", "HEARD", "ID", "ADDRESSES");
      Instant now = Instant.now();
      for (AdvertView hub : hubs) {
        List<String> addresses = new ArrayList<>();
        hub.data().path("addresses").forEach(address -> addresses.add(address.asText()));
        table.row(
            hub.data().path("name").asText(),
            Ages.between(hub.timestamp(), now),
            hub.peer_id(),
            String.join(" ", addresses));
      }
      context.print(table);
      context.note("to join one, ask its owner for an invite: `atoll join INVITE`");
    }
    return 0;
  }
}
