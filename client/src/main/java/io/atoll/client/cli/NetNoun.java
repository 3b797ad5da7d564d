package io.atoll.client.cli;

import io.atoll.client.PrivateNetworkClient;
import io.atoll.client.api.EgressRuleUse;
import io.atoll.client.api.EgressUse;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkRequest;
import io.atoll.client.api.NetworkView;
import io.atoll.core.term.ByteSize;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "net",
    header =
        "Private networks: create, list, show, members, address, devices, why, egress, remove.",
    description = {
      "",
      "A task in a network has an address of its own, wherever it runs, and answers to"
          + " TASK.NETWORK.internal."
    },
    footer = {
      "  atoll net create mynet",
      "  atoll run --net mynet --name web --detach -- python3 -m http.server 80",
      "  atoll run --net mynet -- curl http://web.mynet.internal"
    },
    subcommands = {
      NetNoun.CreateVerb.class,
      NetNoun.ListVerb.class,
      NetNoun.ShowVerb.class,
      NetNoun.MembersVerb.class,
      NetNoun.AddressVerb.class,
      NetInviteDevice.class,
      NetDevices.ListVerb.class,
      NetDevices.RemoveVerb.class,
      NetWhy.class,
      NetEgress.class,
      NetNoun.RemoveVerb.class
    })
final class NetNoun extends Noun {

  @CommandLine.Command(
      name = "create",
      header = "Make a private network.",
      description = {
        "",
        "Its members reach each other and nothing else: not their machines, not the Internet, no"
            + " other network, whatever addresses that has."
      },
      footer = {
        "  atoll net create mynet",
        "  atoll net create lab --cidr 10.7.0.0/24",
        "  atoll net create pool --all-providers"
      })
  static final class CreateVerb extends Command {
    @Parameters(paramLabel = "NAME", description = "Small letters, digits and hyphens.")
    String name = "";

    @Option(
        names = "--cidr",
        paramLabel = "BLOCK",
        description = "Its private addresses, such as 10.7.0.0/24 (a free /24 of 10.96.0.0/11).")
    @Nullable String cidr;

    @Option(
        names = "--all-providers",
        description = "Each provider's machine is itself a member, where its owner allows it.")
    boolean allProviders;

    @Override
    protected int run(Context context) {
      NetworkRequest request = new NetworkRequest(name, cidr, allProviders ? true : null);
      NetworkView made = context.hub().privateNetworks().create(request);
      if (context.json()) {
        context.printJson(made);
        return 0;
      }
      context.print(made.name());
      if (!context.quiet()) {
        context.note(
            "network "
                + made.v4()
                + ", names end in ."
                + made.domain()
                + ": `atoll run --net "
                + made.name()
                + " …`");
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "list",
      header = "List private networks.",
      footer = {"  atoll net list", "  atoll net list -q"})
  static final class ListVerb extends Command {
    @Override
    protected int run(Context context) {
      List<NetworkView> networks = context.hub().privateNetworks().list();
      if (context.json()) {
        context.printJson(networks);
      } else if (context.quiet()) {
        networks.forEach(network -> context.print(network.name()));
      } else {
        Table table = new Table("NAME", "BLOCK", "MEMBERS", "PROVIDERS", "AGE", "ID");
        Instant now = Instant.now();
        for (NetworkView network : networks) {
          table.row(
              network.name(),
              network.v4(),
              network.members(),
              network.allProviders() ? "all" : "",
              Ages.between(network.createdAt(), now),
              network.id());
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "show",
      header = "Show one private network.",
      footer = {"  atoll net show mynet", "  atoll net show mynet -o json | jq -r .v4"})
  static final class ShowVerb extends Command {
    @Parameters(paramLabel = "NETWORK", description = "Id or name.")
    String network = "";

    @Override
    protected int run(Context context) {
      NetworkView view = context.hub().privateNetworks().show(network);
      if (context.json()) {
        context.printJson(view);
      } else if (context.quiet()) {
        context.print(view.name());
      } else {
        TaskShowCommand.line(context, "name", view.name());
        TaskShowCommand.line(context, "id", view.id());
        TaskShowCommand.line(context, "block", view.v4() + ", " + view.v6());
        TaskShowCommand.line(context, "names", "*." + view.domain());
        TaskShowCommand.line(context, "mtu", view.mtu());
        TaskShowCommand.line(context, "members", view.members());
        TaskShowCommand.line(context, "providers", view.allProviders() ? "all are members" : "");
        TaskShowCommand.line(context, "version", view.version());
        TaskShowCommand.line(context, "created", view.createdAt());
        EgressUse egress = view.egress();
        if (egress != null) {
          show(context, egress);
        }
      }
      return 0;
    }
  }

  /// What left the network and what might not; nothing where nothing wanted to.
  private static void show(Context context, EgressUse egress) {
    boolean quiet =
        egress.packets() + egress.refused() + egress.noExit() + egress.denied() == 0
            && egress.rules().isEmpty();
    if (quiet) {
      return;
    }
    String sum =
        egress.packets()
            + " packets ("
            + ByteSize.format(egress.bytes())
            + ") left, "
            + egress.refused()
            + " refused";
    if (egress.noExit() > 0) {
      sum += ", " + egress.noExit() + " allowed at providers that let nothing out";
    }
    if (egress.denied() > 0) {
      sum += "; connections that providers denied: " + egress.denied();
    }
    TaskShowCommand.line(context, "egress", sum);
    for (EgressRuleUse rule : egress.rules()) {
      TaskShowCommand.line(context, "", rule.rule() + ": " + rule.packets() + " packets");
    }
  }

  @CommandLine.Command(
      name = "members",
      header = "List who has an address in a network.",
      footer = {"  atoll net members mynet", "  atoll net members mynet -q"})
  static final class MembersVerb extends Command {
    @Parameters(paramLabel = "NETWORK", description = "Id or name.")
    String network = "";

    @Override
    protected int run(Context context) {
      List<MemberView> members = context.hub().privateNetworks().members(network);
      if (context.json()) {
        context.printJson(members);
      } else if (context.quiet()) {
        members.forEach(member -> context.print(member.host()));
      } else {
        Table table = new Table("NAME", "KIND", "ADDRESS", "IPV6", "NODE", "LEFT", "REFUSED", "ID");
        for (MemberView member : members) {
          table.row(
              member.name(),
              member.kind().toLowerCase(Locale.ROOT),
              member.v4(),
              member.v6(),
              member.present() && member.nodeName() == null ? member.node() : member.nodeName(),
              member.egress() == null ? "" : member.egress().packets(),
              member.egress() == null ? "" : member.egress().refused(),
              member.id());
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "address",
      header = "Give a member another address, also while it runs.",
      footer = {"  atoll net address mynet web 10.96.0.80"})
  static final class AddressVerb extends Command {
    @Parameters(index = "0", paramLabel = "NETWORK", description = "Id or name.")
    String network = "";

    @Parameters(index = "1", paramLabel = "MEMBER", description = "Its name or id.")
    String member = "";

    @Parameters(index = "2", paramLabel = "ADDRESS", description = "A free one of IPv4.")
    String address = "";

    @Override
    protected int run(Context context) {
      MemberView moved = context.hub().privateNetworks().move(network, member, address);
      if (context.json()) {
        context.printJson(moved);
      } else {
        context.print(moved.v4().toString());
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "remove",
      header = "Remove networks in which no task is.",
      footer = {"  atoll net remove mynet"})
  static final class RemoveVerb extends Command {
    @Parameters(paramLabel = "NETWORK", arity = "1..*", description = "Id or name.")
    List<String> networks = List.of();

    @Override
    protected int run(Context context) {
      PrivateNetworkClient hub = context.hub().privateNetworks();
      for (String network : networks) {
        hub.remove(network);
        context.print(network);
      }
      return 0;
    }
  }
}
