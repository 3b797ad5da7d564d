package io.atoll.client.cli;

import io.atoll.client.PrivateNetworkClient;
import io.atoll.client.api.EgressRuleView;
import io.atoll.client.api.EgressView;
import io.atoll.client.request.EgressMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What may leave a network: the rules, one more, or one less.
@CommandLine.Command(
    name = "egress",
    header = "What may leave a network: list, allow, deny, remove, resolvers.",
    description = {
      "",
      "Nothing leaves a network until a rule allows it, and the owner of the machine where it would"
          + " leave does. The first rule that a packet fits decides."
    },
    footer = {
      "  atoll net egress mynet",
      "  atoll net egress mynet allow 0.0.0.0/0 tcp 443",
      "  atoll net egress mynet deny 192.0.2.0/24 --first",
      "  atoll net egress mynet remove 2",
      "  atoll net egress mynet allow 9.9.9.9 udp 53",
      "  atoll net egress mynet resolvers 9.9.9.9"
    })
final class NetEgress extends Command {
  @Parameters(index = "0", paramLabel = "NETWORK", description = "Id or name.")
  String network = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "VERB",
      description = "list, allow, deny, remove or resolvers (list).")
  String verb = "list";

  @Parameters(
      index = "2..*",
      paramLabel = "WORD",
      description = {
        "allow, deny: BLOCK [tcp|udp|icmp|any] [PORT or FIRST-LAST].",
        "remove: the rule's number, from 1 on. resolvers: name servers, or none."
      })
  List<String> words = List.of();

  @Option(names = "--first", description = "The new rule stands before all others (behind them).")
  boolean first;

  @Override
  protected int run(Context context) {
    PrivateNetworkClient hub = context.hub().privateNetworks();
    EgressView before = verb.equals("list") ? null : changed(hub.egress(network));
    EgressView now = before == null ? hub.egress(network) : hub.setEgress(network, before);
    if (context.json()) {
      context.printJson(now);
      return 0;
    }
    if (context.quiet()) {
      now.rules().forEach(rule -> context.print(rule.text()));
      return 0;
    }
    Table table = new Table("N", "ACTION", "TO", "PROTOCOL", "PORTS");
    int number = 1;
    for (EgressRuleView rule : now.rules()) {
      table.row(
          number++,
          rule.action(),
          rule.to(),
          rule.protocol(),
          rule.ports() == null ? "all" : rule.ports());
    }
    context.print(table);
    if (!now.resolvers().isEmpty()) {
      context.note("names of others: " + String.join(", ", now.resolvers()));
    }
    return 0;
  }

  private EgressView changed(EgressView before) {
    List<EgressRuleView> rules = new ArrayList<>(before.rules());
    return switch (verb) {
      case "allow", "deny" -> {
        rules.add(first ? 0 : rules.size(), rule());
        yield new EgressView(rules, before.resolvers());
      }
      case "remove" -> {
        rules.remove(number(rules.size()) - 1);
        yield new EgressView(rules, before.resolvers());
      }
      case "resolvers" -> {
        words.forEach(EgressMapping::resolver);
        yield new EgressView(rules, words);
      }
      default ->
          throw refused(
              "'" + verb + "' is nothing that can be done to egress rules",
              "write list, allow, deny, remove or resolvers");
    };
  }

  private EgressRuleView rule() {
    if (words.isEmpty() || words.size() > 3) {
      throw refused(
          verb + ": a rule has a block, and perhaps a protocol and ports",
          "write for example: atoll net egress " + network + " " + verb + " 0.0.0.0/0 tcp 443");
    }
    String protocol = words.size() > 1 ? words.get(1).toLowerCase(Locale.ROOT) : "any";
    @Nullable String ports = words.size() > 2 ? words.get(2) : null;
    return EgressMapping.checked(new EgressRuleView(verb, words.getFirst(), protocol, ports), "");
  }

  private int number(int count) {
    if (words.size() == 1 && words.getFirst().matches("[0-9]{1,3}")) {
      int number = Integer.parseInt(words.getFirst());
      if (number >= 1 && number <= count) {
        return number;
      }
    }
    throw refused(
        "remove: there " + (count == 1 ? "is 1 rule" : "are " + count + " rules"),
        "write the number of one, as `atoll net egress " + network + "` shows it");
  }

  private static AtollException refused(String message, String hint) {
    return new AtollException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
