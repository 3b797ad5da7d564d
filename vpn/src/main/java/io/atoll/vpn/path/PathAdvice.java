package io.atoll.vpn.path;

import io.atoll.vpn.path.PathReport.State;
import io.atoll.vpn.path.PathReport.Tried;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A report in words: how packets get to a node, what became of each other way, and what to do so
/// that they get there directly.
///
/// @param verdict one line
/// @param tried a line for each way that was tried
/// @param fix what to do; empty where nothing is to be done
public record PathAdvice(String verdict, List<Line> tried, List<String> fix) {
  public PathAdvice {
    tried = List.copyOf(tried);
    fix = List.copyOf(fix);
  }

  /// @param way an address, or the relay
  /// @param kind how it is known
  /// @param state as a word
  /// @param millis the round trip; null while there was no answer
  /// @param cause in words
  public record Line(
      String way, String kind, String state, @Nullable Double millis, String cause) {}

  /// @param node its name, as the reader knows it
  public static PathAdvice of(PathReport report, String node) {
    return new PathAdvice(
        verdict(report, node),
        report.tried().stream().map(PathAdvice::line).toList(),
        fix(report, node));
  }

  private static String verdict(PathReport report, String node) {
    String way =
        switch (report.path()) {
          case Path.Direct(InetSocketAddress to) -> "directly to " + text(to);
          case Path.Relayed relayed -> "through the relay " + relayed.relay();
          case Path.Stream() -> "over the connection of libp2p, which is slow";
          case Path.Nowhere() -> "nowhere";
        };
    Duration rtt =
        report.tried().stream()
            .filter(one -> one.over().equals(report.path()))
            .findFirst()
            .map(Tried::rtt)
            .orElse(null);
    String took = rtt == null ? "" : String.format(Locale.ROOT, ", %.1f ms", millis(rtt));
    return "packets to " + node + " go " + way + took + ": " + report.why();
  }

  private static Line line(Tried tried) {
    String way =
        switch (tried.over()) {
          case Path.Direct(InetSocketAddress to) -> text(to);
          case Path.Relayed relayed -> relayed.relay().toString();
          case Path.Stream _, Path.Nowhere _ -> "";
        };
    Candidate.Kind kind = tried.kind();
    Duration rtt = tried.rtt();
    return new Line(
        way,
        kind == null ? "relay" : kind.name().toLowerCase(Locale.ROOT),
        tried.state().name().toLowerCase(Locale.ROOT),
        rtt == null ? null : millis(rtt),
        cause(tried));
  }

  private static String cause(Tried tried) {
    String again =
        tried.failures() == 0
            ? ""
            : ", after it has failed " + times(tried.failures()) + " under packets";
    return switch (tried.state()) {
      case ALIVE -> "it answers" + again;
      case RECOVERING -> "it answers again and is watched for a while" + again;
      case TRYING ->
          tried.probes() == 0
              ? "not asked yet: nothing was to be sent"
              : "no answer to "
                  + tried.probes()
                  + " probes: a gateway or firewall drops them,"
                  + " or nobody is there";
      case SILENT -> "it has answered, and does not any more" + again;
      case REFUSED -> "this system does not send there: " + tried.refused();
    };
  }

  private static String times(int count) {
    return count == 1 ? "once" : count + " times";
  }

  private static List<String> fix(PathReport report, String node) {
    if (report.path() instanceof Path.Direct) {
      return List.of();
    }
    List<Tried> direct =
        report.tried().stream().filter(one -> one.over() instanceof Path.Direct).toList();
    List<String> fix = new ArrayList<>();
    if (direct.isEmpty()) {
      fix.add(
          node
              + " has not said where it is: see that its daemon runs, and that it and this node"
              + " are connected, or use the same hub");
    } else if (direct.stream().allMatch(one -> one.state() == State.REFUSED)) {
      fix.add(
          "no address of "
              + node
              + " can be reached from here at all: give both nodes an address"
              + " of the same kind ("
              + kinds(direct)
              + " is all that it has)");
    } else if (direct.stream().allMatch(one -> one.probes() == 0)) {
      fix.add("send something to " + node + " and ask again: ways are tried when they are wanted");
    } else {
      fix.add(
          node
              + " answers no UDP from outside: open UDP port "
              + ports(direct)
              + " to it in its"
              + " firewall, or let its gateway map it (`atoll up --port-mapping`)");
    }
    boolean relayed = report.path() instanceof Path.Relayed;
    boolean relays = report.tried().stream().anyMatch(one -> one.over() instanceof Path.Relayed);
    if (!relayed) {
      fix.add(
          relays
              ? "the relays that both nodes know do not get through to it: see that UDP, or their"
                  + " connection, reaches them from both sides"
              : "let a node that both can reach pass packets on (`atoll up --relay-packets`)");
    }
    return fix;
  }

  private static String kinds(List<Tried> direct) {
    boolean four =
        direct.stream()
            .anyMatch(
                one ->
                    one.over() instanceof Path.Direct(InetSocketAddress to)
                        && to.getAddress() instanceof Inet4Address);
    return four ? "IPv4" : "IPv6";
  }

  private static String ports(List<Tried> direct) {
    return String.join(
        " or ",
        direct.stream()
            .filter(one -> one.kind() != Candidate.Kind.HEARD)
            .map(one -> one.over() instanceof Path.Direct(InetSocketAddress to) ? to.getPort() : 0)
            .distinct()
            .limit(3)
            .map(String::valueOf)
            .toList());
  }

  private static double millis(Duration rtt) {
    return Math.round(rtt.toNanos() / 1e4) / 100.0;
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
