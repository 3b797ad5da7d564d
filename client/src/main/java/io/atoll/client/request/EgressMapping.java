package io.atoll.client.request;

import io.atoll.client.api.EgressRuleView;
import io.atoll.client.api.EgressView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Requests about what may leave a network: defaults and checks.
public final class EgressMapping {
  public static final int MOST_RULES = 256;
  private static final int MOST_RESOLVERS = 8;
  private static final int LAST_PORT = 65_535;
  private static final List<String> ACTIONS = List.of("allow", "deny");
  private static final List<String> PROTOCOLS = List.of("any", "tcp", "udp", "icmp");

  private EgressMapping() {}

  /// A block of ports.
  public record Ports(int first, int last) {}

  /// A name server outside.
  public record Resolver(IpAddress address, int port) {}

  /// @throws AtollException BAD_REQUEST
  public static EgressView egress(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    List<JsonFields> rules = fields.objects("rules");
    List<String> resolvers = fields.texts("resolvers");
    fields.done();
    List<EgressRuleView> read = new ArrayList<>();
    for (JsonFields rule : rules == null ? List.<JsonFields>of() : rules) {
      read.add(rule(rule, "rules[" + read.size() + "]."));
    }
    if (read.size() > MOST_RULES) {
      throw refused("rules: " + read.size(), "a network has at most " + MOST_RULES + " rules");
    }
    List<String> named = resolvers == null ? List.of() : resolvers;
    if (named.size() > MOST_RESOLVERS) {
      throw refused("resolvers: " + named.size(), "name at most " + MOST_RESOLVERS);
    }
    named.forEach(EgressMapping::resolver);
    return new EgressView(read, named);
  }

  private static EgressRuleView rule(JsonFields fields, String at) {
    String action = fields.text("action");
    String to = fields.text("to");
    String protocol = fields.text("protocol");
    String ports = fields.quantity("ports");
    fields.done();
    if (action == null || to == null) {
      throw refused(
          at + (action == null ? "action" : "to") + ": missing",
          "write a rule such as {\"action\": \"allow\", \"to\": \"0.0.0.0/0\"}");
    }
    return checked(new EgressRuleView(action, to, protocol == null ? "any" : protocol, ports), at);
  }

  /// @param at what stands before the names of fields in errors
  /// @throws AtollException BAD_REQUEST
  public static EgressRuleView checked(EgressRuleView rule, String at) {
    if (!ACTIONS.contains(rule.action())) {
      throw refused(at + "action: " + Shown.quoted(rule.action()), "write allow or deny");
    }
    if (!PROTOCOLS.contains(rule.protocol())) {
      throw refused(
          at + "protocol: " + Shown.quoted(rule.protocol()), "write tcp, udp, icmp or any");
    }
    String to = block(rule.to(), at).toString();
    Ports ports = ports(rule.ports(), at);
    boolean has = rule.protocol().equals("tcp") || rule.protocol().equals("udp");
    if (ports != null && !has) {
      throw refused(
          at + "ports: only tcp and udp have ports",
          "name the protocol, such as `tcp " + rule.ports() + "`, or leave the ports out");
    }
    String text =
        ports == null
            ? null
            : ports.first() == ports.last()
                ? String.valueOf(ports.first())
                : ports.first() + "-" + ports.last();
    return new EgressRuleView(rule.action(), to, rule.protocol(), text);
  }

  /// A block, or an address that stands for itself alone.
  public static Cidr block(String text, String at) {
    try {
      if (!text.contains("/")) {
        IpAddress one = IpAddress.parse(text);
        return new Cidr(one, one.width());
      }
      return Cidr.parse(text);
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          at + "to: " + Shown.quoted(text) + " cannot be used: " + e.getMessage(),
          "write a block of addresses, such as 0.0.0.0/0 for all of IPv4, or ::/0 for IPv6",
          e);
    }
  }

  /// @return null for all
  public static @Nullable Ports ports(@Nullable String text, String at) {
    if (text == null) {
      return null;
    }
    int dash = text.indexOf('-');
    int first = port(dash < 0 ? text : text.substring(0, dash));
    int last = dash < 0 ? first : port(text.substring(dash + 1));
    if (first >= 1 && first <= last) {
      return new Ports(first, last);
    }
    throw refused(
        at + "ports: " + Shown.quoted(text), "write a port or a range, such as 443 or 8000-8999");
  }

  public static Resolver resolver(String text) {
    int colon = text.lastIndexOf(':');
    boolean bracketed = text.startsWith("[") && text.startsWith("]:", colon - 1);
    boolean withPort = bracketed || (colon >= 0 && colon == text.indexOf(':'));
    int port = withPort ? port(text.substring(colon + 1)) : USUAL_PORT;
    String host =
        bracketed ? text.substring(1, colon - 1) : withPort ? text.substring(0, colon) : text;
    try {
      if (port >= 1) {
        return new Resolver(IpAddress.parse(host), port);
      }
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST, "resolvers: " + Shown.quoted(text), RESOLVER_HINT, e);
    }
    throw refused("resolvers: " + Shown.quoted(text), RESOLVER_HINT);
  }

  /// @return -1 if it is none
  private static int port(String text) {
    if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    int port = Integer.parseInt(text);
    return port >= 1 && port <= LAST_PORT ? port : -1;
  }

  private static final int USUAL_PORT = 53;

  private static final String RESOLVER_HINT =
      "write the address of a name server, such as 9.9.9.9, 9.9.9.9:53 or [2620:fe::fe]:53";

  private static AtollException refused(String message, String hint) {
    return new AtollException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
