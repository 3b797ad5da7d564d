package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.InviteRequest;
import io.atoll.client.api.InviteView;
import io.atoll.core.term.Invite;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "invite",
    header = "Invites: create, list, revoke.",
    footer = {"  atoll invite create", "  atoll invite create --role app --valid-for 2h"},
    subcommands = {
      InviteNoun.CreateVerb.class,
      InviteNoun.ListVerb.class,
      InviteNoun.RevokeVerb.class
    })
final class InviteNoun extends Noun {

  @CommandLine.Command(
      name = "create",
      header = "Make an invite: one string that lets one provider join, or gives one app a key.",
      description = {"", "It can be used once, and is shown this once."},
      footer = {
        "  atoll invite create                  then, on the other machine: atoll join INVITE",
        "  atoll invite create --role app -q    then: atoll app redeem INVITE",
        "  atoll invite create --peer 12D3KooW…    then: atoll join THIS-HUB'S-ID"
      })
  static final class CreateVerb extends Command {
    @Option(names = "--role", paramLabel = "ROLE", description = "provider or app (provider).")
    @Nullable String role;

    @Option(
        names = "--valid-for",
        paramLabel = "SPAN",
        description = "Until when it may be used, 1m to 30d (24h).")
    @Nullable String validFor;

    @Option(
        names = "--peer",
        paramLabel = "ID",
        description =
            "Admit this provider alone, by its peer id: what is printed is no secret then, and it may"
                + " join with this hub's id as well.")
    @Nullable String peer;

    @Option(
        names = "--payment",
        paramLabel = "REFERENCE",
        description =
            "What you paid a provider that works for payment, such as a transaction's hash.")
    @Nullable String payment;

    @Override
    protected int run(Context context) {
      InviteView invite = paid(context.hub().createInvite(new InviteRequest(role, validFor, peer)));
      if (context.json()) {
        context.printJson(invite);
        return 0;
      }
      context.print(String.valueOf(invite.invite()));
      if (!context.quiet()) {
        String use = invite.role() == InviteView.Role.APP ? "atoll app redeem" : "atoll join";
        context.note(
            "invite "
                + invite.id()
                + " for a "
                + invite.role().name().toLowerCase(Locale.ROOT)
                + (invite.peer() == null ? "" : ", " + invite.peer() + " alone")
                + ", good once until "
                + invite.expiresAt()
                + ": `"
                + use
                + " INVITE`");
      }
      return 0;
    }

    /// The hub need not know of it: the invite is only carried to the provider.
    private InviteView paid(InviteView made) {
      String text = made.invite();
      return payment == null || text == null
          ? made
          : made.withInvite(Invite.parse(text).withPayment(payment).text());
    }
  }

  @CommandLine.Command(
      name = "list",
      header = "List invites, without their secret.",
      footer = {"  atoll invite list"})
  static final class ListVerb extends Command {
    @Override
    protected int run(Context context) {
      List<InviteView> invites = context.hub().invites();
      if (context.json()) {
        context.printJson(invites);
      } else if (context.quiet()) {
        invites.forEach(invite -> context.print(invite.id()));
      } else {
        Table table = new Table("ID", "ROLE", "STATE", "AGE", "EXPIRES", "FOR", "USED BY");
        Instant now = Instant.now();
        for (InviteView invite : invites) {
          table.row(
              invite.id(),
              invite.role(),
              invite.state(),
              Ages.between(invite.createdAt(), now),
              invite.expiresAt(),
              invite.peer(),
              invite.usedBy());
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "revoke",
      header = "Make open invites useless.",
      footer = {"  atoll invite revoke ID"})
  static final class RevokeVerb extends Command {
    @Parameters(paramLabel = "ID", arity = "1..*", description = "Id of the invite.")
    List<String> ids = List.of();

    @Override
    protected int run(Context context) {
      HubClient hub = context.hub();
      for (String id : ids) {
        hub.revokeInvite(id);
        context.print(id);
      }
      return 0;
    }
  }
}
