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
      "A hub is joined by an invite of its owner, which holds the hub's key, or by the hub's peer id,"
          + " which is its key, where the owner admits this provider: `atoll invite create --peer ID`"
          + " there, with the id that `atoll p2p self -q` shows here.",
      "",
      "With --find it lists the hubs that advertise themselves."
    },
    footer = {
      "  atoll join atoll-invite-…",
      "  atoll up --provider --join atoll-invite-…    where no daemon runs yet",
      "  atoll join 12D3KooW…                         a hub that admits this provider",
      "  atoll join --find                            hubs that advertise",
      "  atoll hub list                               what was joined"
    })
final class JoinCommand extends Command {
  private static final String PEER_PART = "/p2p/";
  private static final int SHORTEST_ID = 40;

  @Parameters(
      paramLabel = "INVITE|HUB",
      arity = "0..1",
      description =
          "The string that the hub's owner made with `atoll invite create`; or the hub's peer id, or"
              + " its address with /p2p/ID.")
  String invite = "";

  @Option(
      names = "--at",
      paramLabel = "ADDRESS",
      description = "Where the hub is, with its peer id; may be repeated.")
  List<String> at = List.of();

  @Option(names = "--find", description = "List the hubs that advertise themselves.")
  boolean find;

  @Override
  protected int run(Context context) {
    if (find == !invite.isEmpty()) {
      throw usage(
          find
              ? "--find takes no INVITE and no HUB"
              : "name an INVITE or a HUB, or look for a hub with --find");
    }
    if (find) {
      return find(context);
    }
    JoinRequest request = request();
    HubClient daemon =
        LocalDaemon.reach(
            context, "start one that joins at once: `atoll up --provider --join INVITE`");
    HubView hub = daemon.join(request);
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

  /// Letters and digits; an invite has hyphens.
  private static boolean isPeerId(String text) {
    return text.length() >= SHORTEST_ID
        && text.chars().allMatch(c -> c < 128 && Character.isLetterOrDigit(c));
  }

  private JoinRequest request() {
    int peer = invite.startsWith("/") ? invite.lastIndexOf(PEER_PART) : -1;
    if (peer >= 0) {
      return new JoinRequest(null, invite.substring(peer + PEER_PART.length()), List.of(invite));
    }
    if (isPeerId(invite)) {
      return new JoinRequest(null, invite, at);
    }
    if (!at.isEmpty()) {
      throw usage("--at is for a HUB: an INVITE says where its hub is");
    }
    return new JoinRequest(Invite.parse(invite).text());
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
      context.note(
          "to join one, ask its owner for an invite, or to admit this provider: `atoll join ID`");
    }
    return 0;
  }
}
