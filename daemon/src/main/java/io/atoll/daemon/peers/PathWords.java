package io.atoll.daemon.peers;

import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.PathView;
import io.atoll.client.api.TriedWay;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.PlainText;
import io.atoll.p2p.host.Host;
import io.atoll.vpn.node.PathQuestion;
import io.atoll.vpn.path.PathAdvice;
import java.util.List;

/// How packets get between two members, as the node of the first says. What it says is somebody
/// else's, and cut to what can be shown.
final class PathWords {
  private static final int LONGEST = 500;
  private static final int MOST = 40;

  private PathWords() {}

  static PathView of(Host host, NetworkView network, MemberView from, MemberView to)
      throws InterruptedException {
    PeerId first = node(from);
    PeerId second = node(to);
    if (first.equals(second)) {
      return new PathView(
          from.name(),
          to.name(),
          first,
          second,
          "packets from " + from.name() + " to " + to.name() + " never leave node " + name(from),
          List.of(),
          List.of());
    }
    PathAdvice advice = PathQuestion.ask(host, first, network.id(), second, name(to));
    return new PathView(
        from.name(),
        to.name(),
        first,
        second,
        plain(advice.verdict()),
        advice.tried().stream().limit(MOST).map(PathWords::way).toList(),
        advice.fix().stream().limit(MOST).map(PathWords::plain).toList());
  }

  private static TriedWay way(PathAdvice.Line line) {
    return new TriedWay(
        plain(line.way()),
        plain(line.kind()),
        plain(line.state()),
        line.millis(),
        plain(line.cause()));
  }

  private static String plain(String text) {
    return PlainText.line(text, LONGEST);
  }

  private static PeerId node(MemberView member) {
    PeerId node = member.node();
    if (node == null) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          member.name() + " is on no node now",
          "wait until it is: `atoll task show " + member.name() + "` says what it waits for");
    }
    return node;
  }

  private static String name(MemberView member) {
    String name = member.nodeName();
    return name == null ? String.valueOf(member.node()) : name;
  }
}
