package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.HubView;
import io.atoll.client.api.JoinRequest;
import io.atoll.core.term.Invite;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "join",
    header = "Make this machine's provider join a hub.",
    description = {
      "",
      "Speaks to the daemon of this machine, which keeps the connection to the hub from then on, over"
          + " restarts too. What the hub may do here is what the daemon was started with: see the"
          + " options --allow-… of `atoll up`."
    },
    footer = {
      "  atoll join atoll-invite-…",
      "  atoll up --provider --join atoll-invite-…    where no daemon runs yet",
      "  atoll hub list                               what was joined"
    })
final class JoinCommand extends Command {
  @Parameters(
      paramLabel = "INVITE",
      description = "The string that the hub's owner made with `atoll invite create`.")
  String invite = "";

  @Override
  protected int run(Context context) {
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
}
