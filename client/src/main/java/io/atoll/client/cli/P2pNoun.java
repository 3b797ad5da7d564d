package io.atoll.client.cli;

import io.atoll.client.NetworkClient;
import io.atoll.client.api.FoundPeer;
import io.atoll.client.api.MappedPortView;
import io.atoll.client.api.PeerView;
import io.atoll.client.api.SelfView;
import io.atoll.client.api.StreamView;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "p2p",
    header = "The network of peers, as this machine's daemon sees it.",
    footer = {
      "  atoll p2p self                          who this daemon is, and whether others can dial it",
      "  atoll p2p peers",
      "  atoll p2p status 12D3KooW…              direct, punched or relayed",
      "  atoll p2p trace 12D3KooW…               each way to it, tried"
    },
    subcommands = {
      P2pNoun.SelfVerb.class,
      P2pNoun.PeersVerb.class,
      P2pNoun.StatusVerb.class,
      P2pNoun.DialVerb.class,
      P2pNoun.PingVerb.class,
      P2pNoun.FindVerb.class,
      P2pNoun.StreamsVerb.class,
      P2pDhtNoun.class,
      P2pLatencyVerb.class,
      P2pBenchVerb.class,
      P2pTraceVerb.class
    })
final class P2pNoun extends Noun {
  static NetworkClient reach(Context context) {
    return LocalDaemon.reach(context, "start one: `atoll up`").network();
  }

  /// How a peer is connected, in one phrase.
  static String phrase(PeerView peer) {
    String by = peer.transport() + (peer.security() == null ? "" : ", " + peer.security());
    return switch (peer.way()) {
      case "DIRECT" -> "direct over " + by;
      case "PUNCHED" -> "direct through a punched hole, over " + by;
      case "RELAYED" -> "relayed by " + peer.relay() + ", over " + by;
      default -> "not connected";
    };
  }

  private static String phrase(MappedPortView port) {
    String name = port.protocol() + " port " + port.port();
    return port.externalHost() == null
        ? name + " is not mapped: " + port.detail()
        : name + " is " + port.externalHost() + ":" + port.externalPort() + ", by " + port.by();
  }

  @CommandLine.Command(
      name = "self",
      header = "Show who this daemon is among its peers.",
      footer = {"  atoll p2p self", "  atoll p2p self -q"})
  static final class SelfVerb extends Command {
    @Override
    protected int run(Context context) {
      SelfView self = reach(context).self();
      if (context.json()) {
        context.printJson(self);
        return 0;
      }
      if (context.quiet()) {
        context.print(self.peer().text());
        return 0;
      }
      TaskShowCommand.line(context, "peer", self.peer());
      TaskShowCommand.line(context, "agent", self.agent());
      self.listen().forEach(address -> TaskShowCommand.line(context, "listen", address));
      TaskShowCommand.line(context, "reachability", self.reachability().toLowerCase(Locale.ROOT));
      self.reachable().forEach(address -> TaskShowCommand.line(context, "reached at", address));
      TaskShowCommand.line(context, "profile", self.profile());
      TaskShowCommand.line(context, "serves others", self.server() ? "yes" : "no");
      TaskShowCommand.line(context, "rendezvous", self.rendezvous());
      TaskShowCommand.line(
          context,
          "network",
          self.network() == null ? null : "private, key " + self.network() + ", without QUIC");
      TaskShowCommand.line(context, "this network", self.mdns() ? "looks for peers" : null);
      self.ports().forEach(port -> TaskShowCommand.line(context, "at the gateway", phrase(port)));
      TaskShowCommand.line(
          context, "keeps", self.filter().equals("everybody") ? null : self.filter());
      TaskShowCommand.line(context, "dht", self.dht().toLowerCase(Locale.ROOT));
      TaskShowCommand.line(context, "connections", self.connections());
      self.bootstrap().forEach(address -> TaskShowCommand.line(context, "bootstrap", address));
      return 0;
    }
  }

  @CommandLine.Command(
      name = "peers",
      header = "List the peers that are connected.",
      footer = {"  atoll p2p peers", "  atoll p2p peers --known -o json"})
  static final class PeersVerb extends Command {
    @Option(names = "--known", description = "Those that are known and not connected, too.")
    boolean known;

    @Override
    protected int run(Context context) {
      List<PeerView> peers = reach(context).peers(known);
      if (context.json()) {
        context.printJson(peers);
      } else if (context.quiet()) {
        peers.forEach(peer -> context.print(peer.peer().text()));
      } else {
        Table table =
            new Table("PEER", "WAY", "BY", "SECURITY", "DIALLED", "STREAMS", "AGENT", "ADDRESS");
        for (PeerView peer : peers) {
          table.row(
              peer.peer(),
              peer.way().toLowerCase(Locale.ROOT),
              peer.transport(),
              peer.security(),
              peer.direction() == null ? null : peer.direction().equals("OUT") ? "here" : "there",
              peer.connected() ? peer.streams() : null,
              peer.agent(),
              peer.connected() ? peer.address() : String.join(" ", peer.addresses()));
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "status",
      header = "Say how a peer is connected: direct, punched or relayed, by what, and how far.",
      description = {"", "The peer is not dialled for that: `atoll p2p dial` does."},
      footer = {"  atoll p2p status 12D3KooW…", "  atoll p2p status reef -o json"})
  static final class StatusVerb extends Command {
    @Mixin PeerTarget target = new PeerTarget();

    @Override
    protected int run(Context context) {
      show(context, reach(context).status(target.id()));
      return 0;
    }
  }

  private static void show(Context context, PeerView peer) {
    if (context.json()) {
      context.printJson(peer);
      return;
    }
    if (context.quiet()) {
      context.print(peer.way().toLowerCase(Locale.ROOT));
      return;
    }
    TaskShowCommand.line(context, "peer", peer.peer());
    TaskShowCommand.line(context, "connected", phrase(peer));
    TaskShowCommand.line(context, "round trip", roundTrip(peer.rttMillis()));
    TaskShowCommand.line(context, "address", peer.address());
    TaskShowCommand.line(
        context,
        "dialled",
        peer.direction() == null
            ? null
            : peer.direction().equals("OUT") ? "by this daemon" : "by the peer");
    TaskShowCommand.line(context, "streams", peer.connected() ? peer.streams() : null);
    TaskShowCommand.line(context, "agent", peer.agent());
    peer.addresses().forEach(address -> TaskShowCommand.line(context, "known at", address));
  }

  private static @Nullable String roundTrip(@Nullable Double millis) {
    return millis == null ? null : PingCount.millis(millis);
  }

  @CommandLine.Command(
      name = "dial",
      header = "Connect to a peer, and say how.",
      footer = {
        "  atoll p2p dial /ip4/192.0.2.7/tcp/7464/p2p/12D3KooW…",
        "  atoll p2p dial 12D3KooW…          wherever it is known to be, or the DHT says"
      })
  static final class DialVerb extends Command {
    @Mixin PeerTarget target = new PeerTarget();

    @Override
    protected int run(Context context) {
      show(context, reach(context).dial(target.id(), target.addresses()));
      return 0;
    }
  }

  @CommandLine.Command(
      name = "ping",
      header = "Measure the round trip to a peer.",
      footer = {"  atoll p2p ping 12D3KooW…", "  atoll p2p ping -c 10 reef"})
  static final class PingVerb extends Command {
    @Mixin PingCount pings = new PingCount();

    @Mixin PeerTarget target = new PeerTarget();

    @Override
    protected int run(Context context) {
      if (pings.wrong()) {
        throw usage("Invalid value for --count: write 1 to 1000");
      }
      NetworkClient network = reach(context);
      pings.measure(
          context, "peer", target.id(), () -> network.ping(target.id(), target.addresses()));
      return 0;
    }
  }

  @CommandLine.Command(
      name = "find",
      header = "Find where a peer may be reached.",
      description = {"", "What this daemon does not know it asks the DHT."},
      footer = {"  atoll p2p find 12D3KooW…"})
  static final class FindVerb extends Command {
    @Mixin PeerTarget target = new PeerTarget();

    @Override
    protected int run(Context context) {
      FoundPeer found = reach(context).find(target.id());
      if (context.json()) {
        context.printJson(found);
      } else {
        String end = "/p2p/" + found.peer();
        found.addresses().stream()
            .map(address -> address.endsWith(end) ? address : address + end)
            .forEach(context::print);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "streams",
      header = "List the streams that are open.",
      footer = {"  atoll p2p streams", "  atoll p2p streams -o json"})
  static final class StreamsVerb extends Command {
    @Override
    protected int run(Context context) {
      List<StreamView> streams = reach(context).streams();
      if (context.json()) {
        context.printJson(streams);
      } else if (context.quiet()) {
        streams.forEach(stream -> context.print(stream.stream_id()));
      } else {
        Table table = new Table("ID", "PEER", "OPENED", "AGE", "PROTOCOL");
        Instant now = Instant.now();
        for (StreamView stream : streams) {
          table.row(
              stream.id(),
              stream.from_peer(),
              stream.direction().equals("IN") ? "there" : "here",
              Ages.between(stream.time_opened(), now),
              stream.protocol());
        }
        context.print(table);
      }
      return 0;
    }
  }
}
