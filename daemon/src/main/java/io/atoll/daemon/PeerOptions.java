package io.atoll.daemon;

import io.atoll.client.config.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How a daemon meets its peers, as options of `up`.
final class PeerOptions {
  @Option(
      names = {"--listen", "--p2p-listen"},
      paramLabel = "MULTIADDR",
      description =
          "Where peers reach this node: TCP, WebSocket or QUIC. May be given more than once. Default:"
              + " port 7464, TCP and, where this system has it, QUIC.")
  List<String> listen = new ArrayList<>();

  @Option(
      names = "--p2p-bootstrap",
      paramLabel = "MULTIADDR",
      description = "A peer to stay connected to, with /p2p/ID. May be given more than once.")
  List<String> bootstrap = new ArrayList<>();

  @Option(
      names = "--p2p-profile",
      paramLabel = "PROFILE",
      description =
          "home, mobile or server. Only a server neither dials private addresses nor tells of its own.")
  @Nullable String profile;

  @Option(
      names = "--p2p-rendezvous",
      paramLabel = "NAME",
      description = "Peers look for each other in the DHT by this name. Default: atoll.")
  @Nullable String rendezvous;

  @Option(
      names = "--p2p-server",
      description = "Serve other peers: the DHT, relayed connections, checks of reachability.")
  boolean server;

  @Option(
      names = "--p2p-bench",
      description = "Let peers measure the line to this node: `atoll p2p bench` there.")
  boolean bench;

  @Option(
      names = "--p2p-quiet",
      description =
          "Tell peers neither what this provider offers, nor that this hub is there, nor how far they"
              + " are.")
  boolean quiet;

  @Option(
      names = "--p2p-max-handshakes",
      paramLabel = "N",
      description = "Discovered peers to keep. Default by profile: 100, 16 or 1000.")
  @Nullable String handshakes;

  @Option(
      names = "--p2p-swarm-key",
      paramLabel = "FILE",
      description =
          "Be in a private network: peers without this key are refused, and there is no QUIC. `atoll"
              + " p2p swarm-key` makes one.")
  @Nullable String swarmKey;

  @Option(
      names = "--p2p-mdns",
      paramLabel = "true|false",
      description = "Look for peers on this network. Default: unless the profile is server.")
  @Nullable String mdns;

  @Option(
      names = "--p2p-portmap",
      paramLabel = "true|false",
      description = "Ask the gateway to let peers in. Default: unless the profile is server.")
  @Nullable String portmap;

  @Option(
      names = "--p2p-filter",
      paramLabel = "FILTER",
      description = "Which peers discovery keeps, such as 'rtt<50ms and cpu>=4'. Default: all.")
  @Nullable String filter;

  /// What was given, by the names of the settings.
  void into(Map<String, String> flags) {
    put(flags, PeerSettings.LISTEN, listen.isEmpty() ? null : String.join(" ", listen));
    put(flags, PeerSettings.BOOTSTRAP, bootstrap.isEmpty() ? null : String.join(" ", bootstrap));
    put(flags, PeerSettings.PROFILE, profile);
    put(flags, PeerSettings.RENDEZVOUS, rendezvous);
    put(flags, PeerSettings.SERVER, server ? "true" : null);
    put(flags, PeerSettings.BENCH, bench ? "true" : null);
    put(flags, PeerSettings.ADVERTISE, quiet ? "false" : null);
    put(flags, PeerSettings.HANDSHAKES, handshakes);
    put(flags, PeerSettings.SWARM_KEY, swarmKey);
    put(flags, PeerSettings.MDNS, mdns);
    put(flags, PeerSettings.PORTMAP, portmap);
    put(flags, PeerSettings.FILTER, filter);
  }

  private static void put(Map<String, String> flags, Setting setting, @Nullable String value) {
    if (value != null) {
      flags.put(setting.name(), value);
    }
  }
}
